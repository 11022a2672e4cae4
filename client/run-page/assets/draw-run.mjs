// In the page itself: the charts of one run.
(() => {
  const { draw, whenever, rounded, milliseconds, figures } = window.charts;
  const { slots, stepMs, waits, pacePerSecond } = figures;
  const at = slots.map(({ fromMs }) => fromMs / 1_000);
  // A step needs its end.
  at.push((slots.length * stepMs) / 1_000);
  const stretches = waits.map(({ fromMs, untilMs }) => [fromMs / 1_000, untilMs / 1_000]);
  const perSecond = (count) => (count * 1_000) / stepMs;
  const series = (of) => {
    const values = slots.map(of);
    return [...values, values.at(-1)];
  };
  /** What is seldom more than nothing: no line along the axis. */
  const rare = (values) => values.map((value, index) => (value > 0 && index < slots.length ? value : null));
  const some = (line) => line.values.some((value) => value > 0);
  const settled = (...names) => series((slot) => perSecond(names.reduce((sum, name) => sum + slot.settled[name], 0)));
  const requests = (...names) => series((slot) => perSecond(names.reduce((sum, name) => sum + slot.requests[name], 0)));
  /** The mean of the last second: a pace of five a second is two or three in half of one. */
  const overSecond = (values) => {
    const width = Math.max(1, Math.round(1_000 / stepMs));
    return values.map((_, index) => values.slice(Math.max(0, index - width + 1), index + 1).reduce((sum, value) => sum + value, 0) / width);
  };
  // Slots without a request have no latency: what is between two is joined, and each shown.
  const latency = (name) => [...slots.map((slot) => (slot.latencyMs === null ? null : slot.latencyMs[name])), null];
  const hasPoints = slots.filter((slot) => slot.latencyMs !== null).length <= 60;
  const line = { draws: 'line', hasPoints };

  const throughput = [
    { label: 'read', paint: 'read', values: series((slot) => perSecond(slot.read)), dash: [4, 3] },
    { label: 'written', paint: 'good', values: settled('created', 'updated', 'written', 'deleted'), isFilled: true },
    { label: 'unchanged, skipped', paint: 'rest', values: settled('unchanged', 'superseded', 'skipped') },
    { label: 'rejected, held', paint: 'bad', values: rare(settled('rejected', 'held')), draws: 'bars' },
  ].filter(some);
  const latencies = [
    { ...line, label: 'median', paint: 'good', values: latency('p50'), isFilled: true },
    { ...line, label: 'p95', paint: 'update', values: latency('p95') },
    // Of less than a hundred requests in a slot, it is another name for p95 or the slowest.
    ...(slots.some((slot) => slot.latencyMs?.requests >= 100) ? [{ ...line, label: 'p99', paint: 'warning', values: latency('p99'), dash: [4, 3] }] : []),
  ];
  const answers = [
    { label: 'all', paint: 'update', values: overSecond(requests('done', 'throttled', 'refused', 'failed', 'unanswered')), isFilled: true },
    { label: '429', paint: 'warning', values: rare(requests('throttled')), draws: 'bars' },
    { label: 'other 4xx, 5xx', paint: 'bad', values: rare(requests('refused', 'failed')), draws: 'bars' },
    { label: 'no answer', paint: 'rest', values: rare(requests('unanswered')), draws: 'bars' },
  ].filter(some);
  const allowed = pacePerSecond === null ? [] : [{ label: 'allowed', paint: 'warning', values: series(() => pacePerSecond), dash: [6, 4] }];

  whenever(() => {
    draw('throughput', at, throughput, rounded, { stretches });
    draw('latency', at, latencies, milliseconds, { stretches });
    draw('quota', at, [...answers, ...allowed], rounded, { stretches });
  });
})();
