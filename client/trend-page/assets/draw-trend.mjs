// In the page itself: the charts of a range of runs; each point is a run, each column a day.
(() => {
  const { draw, whenever, milliseconds, rounded, percent, bytes, figures } = window.charts;
  const { runs, days, quotas } = figures;
  const at = runs.map((run) => run.at / 1_000);
  const hasPoints = runs.length <= 120;
  const line = { draws: 'line', hasPoints };
  const of = (get) => runs.map(get);
  const some = ({ values }) => values.some((value) => value !== null);
  const share = (value) => (value === null ? null : value * 100);

  const times = [{ ...line, label: 'run time', paint: 'good', values: of((run) => run.durationMs), isFilled: true }].filter(some);
  const lag = [{ ...line, label: 'lag', paint: 'read', values: of((run) => run.lagMs), isFilled: true }].filter(some);
  const throughput = [{ ...line, label: 'records a second', paint: 'good', values: of((run) => run.recordsPerSecond), isFilled: true }].filter(some);
  const latency = [
    { ...line, label: 'median', paint: 'good', values: of((run) => run.latencyMs?.p50 ?? null), isFilled: true },
    { ...line, label: 'p95', paint: 'update', values: of((run) => run.latencyMs?.p95 ?? null) },
  ].filter(some);
  const errors = [
    { ...line, label: 'records rejected, held', paint: 'bad', values: of((run) => share(run.errorShare)), isFilled: true },
    { ...line, label: 'requests refused, unanswered', paint: 'warning', values: of((run) => share(run.failedShare)), dash: [4, 3] },
  ].filter(some);
  const payload = [{ ...line, label: 'bytes of a page', paint: 'update', values: of((run) => run.bytesOfPage), isFilled: true }].filter(some);
  const perDay = [
    { label: 'requests', paint: 'update', values: days.map((day) => day.requests), draws: 'columns' },
    { label: 'sent again', paint: 'warning', values: days.map((day) => (day.retries > 0 ? day.retries : null)), draws: 'columns' },
    // A quota that is far away would press all else flat: it is told in words.
    ...quotas
      .filter((quota) => quota.perDay <= 5 * Math.max(...days.map((day) => day.requests)))
      .map((quota) => ({ label: `allowed by ${quota.connection}`, paint: 'bad', values: days.map(() => quota.perDay), dash: [6, 4], draws: 'line' })),
  ];

  whenever(() => {
    const isOfDay = true;
    draw('times', at, times, milliseconds, { isOfDay });
    draw('lag', at, lag, milliseconds, { isOfDay });
    draw('throughput', at, throughput, rounded, { isOfDay });
    draw('latency', at, latency, milliseconds, { isOfDay });
    draw('errors', at, errors, percent, { isOfDay });
    draw('payload', at, payload, bytes, { isOfDay });
    draw(
      'requests',
      // The middle of the day.
      days.map((day) => day.at / 1_000 + 43_200),
      perDay,
      rounded,
      { isOfDay, padding: 43_200 },
    );
  });
})();
