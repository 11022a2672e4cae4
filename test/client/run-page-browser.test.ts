import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { z } from 'zod';
import { pageProject } from './page-project.ts';
import type { TestProject } from './test-project.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => existsSync(file));
const skip = program === undefined ? `no browser on PATH (${NAMES.join(', ')}): on Debian, "apt-get install chromium"` : false;

/** Ink on each canvas, in the page's own words. */
const INK = `[...document.querySelectorAll('.chart')].map((place) => {
  const canvas = place.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return [place.id, data.filter((value, index) => index % 4 === 3 && value > 0).length];
})`;

function openBrowser(): Promise<Browser> {
  // Chromium refuses its sandbox to root, which is who tests in a container are.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ ...(program === undefined ? {} : { executablePath: program }), args });
}

describe('the page of a run in a browser', { skip }, () => {
  let project: TestProject;
  let browser: Browser;
  let file = '';
  before(async () => {
    [project, browser] = await Promise.all([pageProject(), openBrowser()]);
    file = join(project.directory, 'page.html');
    assert.equal((await project.cli(['report', 'last', '--out', file])).code, 0);
  });
  after(async () => {
    await browser.close();
    project.remove();
  });

  it('opens from the disk without an error or a request, in light and dark, and its charts are drawn', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1_080, height: 900 } });
      const told: string[] = [];
      page.on('console', (message) => told.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => told.push(error.message));
      page.on('request', (request) => told.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      const ink = z.array(z.tuple([z.string(), z.number()])).parse(await page.evaluate(INK));
      assert.deepEqual(told, [pathToFileURL(file).href], 'the file itself and nothing else');
      assert.deepEqual(
        ink.map(([id]) => id),
        ['throughput', 'latency', 'quota'],
      );
      for (const [id, dots] of ink) assert.ok(dots > 5_000, `${id} has ${dots} dots`);
      assert.ok(Number(await page.evaluate(`document.querySelectorAll('#steps rect').length`)) > 6);
      await page.close();
    }
  });

  it('could not ask anybody for anything if it wanted to', async (context) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.setHeader('access-control-allow-origin', '*').end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const page = await browser.newPage();
    const ask = `fetch('${url}/fetched').then(() => 'answered', () => 'refused')`;
    const look = `new Promise((done) => { const image = new Image(); image.onload = image.onerror = () => done('over'); image.src = '${url}/image'; })`;
    assert.equal(await page.evaluate(ask), 'answered', 'a page without the policy can');
    await page.goto(pathToFileURL(file).href);
    assert.equal(await page.evaluate(ask), 'refused');
    await page.evaluate(look);
    assert.deepEqual(asked, ['/fetched']);
  });
});
