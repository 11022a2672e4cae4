// In the page itself, for the script that follows: draws lines over time with uPlot, in the colours of the page's style, anew when those change or the window does.
window.charts = (() => {
  const { uPlot } = window;
  const DRAWS = {
    steps: uPlot.paths.stepped({ align: 1 }),
    bars: uPlot.paths.bars({ align: 1, size: [0.9, 24] }),
    columns: uPlot.paths.bars({ align: 0, size: [0.7, 28] }),
    line: uPlot.paths.linear(),
  };
  let drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  const isNone = (value) => value === null || value === undefined;

  function seconds(value) {
    if (isNone(value)) return '';
    if (value >= 172_800) return `${+(value / 86_400).toFixed(1)} d`;
    if (value >= 7_200) return `${+(value / 3_600).toFixed(2)} h`;
    if (value >= 300) return `${+(value / 60).toFixed(1)} min`;
    return `${+value.toFixed(1)} s`;
  }

  function milliseconds(value) {
    if (isNone(value)) return '';
    return value < 1_000 ? `${Math.round(value)} ms` : seconds(value / 1_000);
  }

  function rounded(value) {
    return isNone(value) ? '' : value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
  }

  function percent(value) {
    return isNone(value) ? '' : `${+value.toFixed(value < 10 ? 2 : 0)} %`;
  }

  function bytes(value) {
    if (isNone(value)) return '';
    if (value >= 1_000_000) return `${+(value / 1_000_000).toFixed(1)} MB`;
    return value >= 1_000 ? `${+(value / 1_000).toFixed(1)} kB` : `${Math.round(value)} B`;
  }

  /** Steps of an axis of milliseconds that read well as seconds, minutes, hours and days. */
  const OF_TIME = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map((second) => second * 1_000),
  ];

  /** Stretches of time behind the lines. */
  function shade(plot, stretches) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = colour('wait');
    for (const [begin, end] of stretches) {
      const from = Math.max(bbox.left, plot.valToPos(begin, 'x', true));
      const until = Math.min(bbox.left + bbox.width, plot.valToPos(end, 'x', true));
      if (until > from) ctx.fillRect(from, bbox.top, until - from, bbox.height);
    }
    ctx.restore();
  }

  function seriesOf({ label, paint, dash, draws = 'steps', isFilled, hasPoints }, format) {
    const isBars = draws === 'bars' || draws === 'columns';
    return {
      label,
      stroke: colour(paint),
      ...(isFilled ? { fill: `${colour(paint)}26` } : isBars ? { fill: colour(paint) } : {}),
      ...(dash ? { dash } : {}),
      width: isBars ? 0 : 1.5,
      paths: DRAWS[draws],
      spanGaps: draws === 'line',
      points: hasPoints ? { show: true, size: 5, fill: colour(paint) } : { show: false },
      value: (_, value) => format(value),
    };
  }

  /**
   * @param at the times, in seconds: from the begin of something, or of the day where `isOfDay`
   * @param lines each with its label, its colour, its values and how it is drawn
   */
  function draw(id, at, lines, format, { stretches = [], isOfDay = false, padding = 0 } = {}) {
    const place = document.getElementById(id);
    if (place === null || lines.length === 0) return;
    place.replaceChildren();
    const axis = { stroke: colour('faint'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui' };
    const clock = (value) => (isNone(value) ? '' : new Date(value * 1_000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
    const options = {
      width: place.clientWidth,
      height: 240,
      cursor: { y: false, drag: { x: true, y: false } },
      scales: {
        x: { time: isOfDay, range: (_, least, most) => (least === most ? [least - 43_200, most + 43_200] : [least - padding, most + padding]) },
        y: { range: (_, least, most) => [Math.min(0, least), most > 0 ? most * 1.08 : 1] },
      },
      axes: [
        isOfDay ? axis : { ...axis, values: (_, values) => values.map(seconds) },
        { ...axis, size: 68, values: (_, values) => values.map(format), ...(format === milliseconds ? { incrs: OF_TIME } : {}) },
      ],
      series: [{ label: 'at', value: (_, value) => (isOfDay ? clock(value) : seconds(value)) }, ...lines.map((line) => seriesOf(line, format))],
      hooks: { drawClear: [(plot) => shade(plot, stretches)] },
    };
    drawn.push(new uPlot(options, [at, ...lines.map(({ values }) => values)], place));
  }

  /** Draws now, and whenever colours or widths are others. */
  function whenever(drawAll) {
    const again = () => {
      for (const plot of drawn) plot.destroy();
      drawn = [];
      drawAll();
    };
    again();
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
    let timer;
    window.addEventListener('resize', () => {
      clearTimeout(timer);
      timer = setTimeout(again, 100);
    });
  }

  return { draw, whenever, seconds, milliseconds, rounded, percent, bytes, figures: JSON.parse(document.getElementById('figures').textContent) };
})();
