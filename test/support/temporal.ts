/** The Temporal server of this test run: started once by `npm test`. */
export async function testTemporal(): Promise<{ readonly address: string }> {
  const address = process.env['SYNCLINE_TEST_TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('run tests with `npm test -- FILE`: it starts the Temporal server they need');
  return { address };
}
