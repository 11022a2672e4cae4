import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { pageProject } from './page-project.ts';
import type { TestProject } from './test-project.ts';
import { trendProject } from './trend-project.ts';

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

describe('pages in a browser', { skip }, () => {
  let projects: readonly TestProject[] = [];
  let browser: Browser;
  let file = '';
  let trendFile = '';
  before(async () => {
    const [ofRun, ofRuns, opened] = await Promise.all([pageProject(), trendProject(12), openBrowser()]);
    projects = [ofRun, ofRuns];
    browser = opened;
    file = join(ofRun.directory, 'page.html');
    trendFile = join(ofRuns.directory, 'trend.html');
    const codes = await Promise.all([
      ofRun.cli(['report', 'last', '--out', file]),
      ofRuns.cli(['report', 'contacts-to-hubspot', '--runs', '1', '--out', trendFile]),
    ]);
    assert.deepEqual(
      codes.map(({ code }) => code),
      [0, 0],
    );
  });
  after(async () => {
    await browser.close();
    for (const project of projects) project.remove();
  });

  /** Opens it from the disk, with nothing said and nothing asked for but itself; its charts are drawn, and nothing is wider than the window. */
  async function look(path: string, colorScheme: 'light' | 'dark', width: number, charts: readonly string[]): Promise<Page> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const told: string[] = [];
    page.on('console', (message) => told.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => told.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    const ink = z.array(z.tuple([z.string(), z.number()])).parse(await page.evaluate(INK));
    assert.deepEqual(told, [pathToFileURL(path).href], 'the file itself and nothing else');
    assert.deepEqual(
      ink.map(([id]) => id),
      charts,
    );
    for (const [id, dots] of ink) assert.ok(dots > 2_000, `${id} has ${dots} dots`);
    assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `wider than ${width}`);
    return page;
  }

  it('a run opens from the disk without an error or a request, in light and dark, wide and narrow, and its charts are drawn', async () => {
    for (const [scheme, width] of [
      ['light', 1_080],
      ['dark', 400],
    ] as const) {
      const page = await look(file, scheme, width, ['throughput', 'latency', 'quota']);
      assert.ok(Number(await page.evaluate(`document.querySelectorAll('#steps rect').length`)) > 6);
      await page.close();
    }
  });

  it('so do the runs of a time, and a link leads to the page of one', async () => {
    const charts = ['times', 'lag', 'throughput', 'latency', 'errors', 'payload', 'requests'];
    await (await look(trendFile, 'dark', 400, charts)).close();
    const page = await look(trendFile, 'light', 1_080, charts);
    await page.click('a');
    assert.equal(await page.evaluate(`document.querySelectorAll('.chart canvas').length`), 3);
    assert.match(page.url(), /trend-runs\/r_011\.html$/);
    await page.close();
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
