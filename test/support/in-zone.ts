import { after, before } from 'node:test';

/** The tests of a suite run where the clocks show another time. */
export function inZone(name: string): void {
  const zone = process.env['TZ'];
  before(() => {
    process.env['TZ'] = name;
  });
  after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
}
