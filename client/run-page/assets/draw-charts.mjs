// In the page itself: draws its figures with uPlot, in the colours of its style, anew when those change or the window does.
(() => {
  const { uPlot } = window;
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const { slots, stepMs, waits, pacePerSecond } = figures;
  const at = slots.map(({ fromMs }) => fromMs / 1000);
  // A step needs its end.
  at.push((slots.length * stepMs) / 1000);
  const perSecond = (count) => (count * 1000) / stepMs;
  const series = (of) => {
    const values = slots.map(of);
    return [...values, values.at(-1)];
  };
  const steps = uPlot.paths.stepped({ align: 1 });
  const bars = uPlot.paths.bars({ align: 1, size: [0.9, 24] });
  let drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  function seconds(value) {
    if (value >= 7200) return `${+(value / 3600).toFixed(2)} h`;
    if (value >= 300) return `${+(value / 60).toFixed(1)} min`;
    return `${+value.toFixed(1)} s`;
  }

  function rounded(value) {
    return value === null || value === undefined ? '' : value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
  }

  function milliseconds(value) {
    if (value === null || value === undefined) return '';
    return value < 1000 ? `${Math.round(value)} ms` : `${+(value / 1000).toFixed(1)} s`;
  }

  /** Where the run stood still. */
  function shade(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = colour('wait');
    for (const { fromMs, untilMs } of waits) {
      const from = Math.max(bbox.left, plot.valToPos(fromMs / 1000, 'x', true));
      const until = Math.min(bbox.left + bbox.width, plot.valToPos(untilMs / 1000, 'x', true));
      if (until > from) ctx.fillRect(from, bbox.top, until - from, bbox.height);
    }
    ctx.restore();
  }

  function draw(id, lines, format) {
    const place = document.getElementById(id);
    if (place === null) return;
    place.replaceChildren();
    const axis = { stroke: colour('faint'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui' };
    const options = {
      width: place.clientWidth,
      height: 240,
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (_, least, most) => [Math.min(0, least), most > 0 ? most * 1.08 : 1] } },
      axes: [
        { ...axis, values: (_, values) => values.map(seconds) },
        { ...axis, size: 64, values: (_, values) => values.map(format) },
      ],
      series: [
        { label: 'at', value: (_, value) => (value === null || value === undefined ? '' : seconds(value)) },
        ...lines.map(({ label, paint, dash, isFilled, isBars }) => ({
          label,
          stroke: colour(paint),
          ...(isFilled ? { fill: `${colour(paint)}26` } : isBars ? { fill: colour(paint) } : {}),
          ...(dash ? { dash } : {}),
          width: isBars ? 0 : 1.5,
          paths: isBars ? bars : steps,
          points: { show: false },
          value: (_, value) => format(value),
        })),
      ],
      hooks: { drawClear: [shade] },
    };
    drawn.push(new uPlot(options, [at, ...lines.map(({ values }) => values)], place));
  }

  /** What is seldom more than nothing: no line along the axis. */
  const rare = (values) => values.map((value, index) => (value > 0 && index < slots.length ? value : null));
  const some = (line) => line.values.some((value) => value > 0);
  const settled = (...names) => series((slot) => perSecond(names.reduce((sum, name) => sum + slot.settled[name], 0)));
  const requests = (...names) => series((slot) => perSecond(names.reduce((sum, name) => sum + slot.requests[name], 0)));
  /** The mean of the last second: a pace of five a second is two or three in half of one. */
  const overSecond = (values) => {
    const width = Math.max(1, Math.round(1000 / stepMs));
    return values.map((_, index) => values.slice(Math.max(0, index - width + 1), index + 1).reduce((sum, value) => sum + value, 0) / width);
  };
  const latency = (name) => series((slot) => (slot.latencyMs === null ? null : slot.latencyMs[name]));

  function drawAll() {
    for (const plot of drawn) plot.destroy();
    drawn = [];
    const throughput = [
      { label: 'read', paint: 'read', values: series((slot) => perSecond(slot.read)), dash: [4, 3] },
      { label: 'written', paint: 'good', values: settled('created', 'updated', 'written', 'deleted'), isFilled: true },
      { label: 'unchanged, skipped', paint: 'rest', values: settled('unchanged', 'superseded', 'skipped') },
      { label: 'rejected, held', paint: 'bad', values: rare(settled('rejected', 'held')), isBars: true },
    ];
    draw('throughput', throughput.filter(some), rounded);
    draw(
      'latency',
      [
        { label: 'median', paint: 'good', values: latency('p50'), isFilled: true },
        { label: 'p95', paint: 'update', values: latency('p95') },
        // Of less than a hundred requests in a slot, it is another name for p95 or the slowest.
        ...(slots.some((slot) => slot.latencyMs?.requests >= 100) ? [{ label: 'p99', paint: 'warning', values: latency('p99'), dash: [4, 3] }] : []),
      ],
      milliseconds,
    );
    const allowed = pacePerSecond === null ? [] : [{ label: 'allowed', paint: 'warning', values: series(() => pacePerSecond), dash: [6, 4] }];
    const answers = [
      { label: 'all', paint: 'update', values: overSecond(requests('done', 'throttled', 'refused', 'failed', 'unanswered')), isFilled: true },
      { label: '429', paint: 'warning', values: rare(requests('throttled')), isBars: true },
      { label: 'other 4xx, 5xx', paint: 'bad', values: rare(requests('refused', 'failed')), isBars: true },
      { label: 'no answer', paint: 'rest', values: rare(requests('unanswered')), isBars: true },
    ];
    draw('quota', [...answers.filter(some), ...allowed], rounded);
  }

  drawAll();
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let timer;
  window.addEventListener('resize', () => {
    clearTimeout(timer);
    timer = setTimeout(drawAll, 100);
  });
})();
