import { parser } from '@prometheus-io/lezer-promql';

/** A series that an expression asks for. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly operator: string; readonly value: string }[];
}

export type Series = ReadonlyMap<string, string>;
export type Samples = readonly { readonly metric: string; readonly labels: Series; readonly value?: number }[];

const GRAFANA_INTERVAL = '$__rate_interval';

/** By the parser of Prometheus itself. @throws Error where it is no PromQL */
export function selectorsOf(expression: string): readonly Selector[] {
  const text = expression.replaceAll(GRAFANA_INTERVAL, '5m');
  const selectors: Selector[] = [];
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL, near "${text.slice(node.from, node.from + 20)}": ${text}`);
      if (node.name !== 'VectorSelector') return;
      const words = (name: string) => node.node.getChildren(name).map((each) => text.slice(each.from, each.to));
      const matchers = node.node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      const labels = matchers.map((matcher) => {
        const part = (name: string) => {
          const found = matcher.getChild(name);
          return found === null ? '' : text.slice(found.from, found.to);
        };
        return { name: part('LabelName'), operator: part('MatchOp'), value: part('StringLiteral').slice(1, -1) };
      });
      selectors.push({ metric: words('Identifier')[0] ?? '', labels });
    },
  });
  return selectors;
}

/** The text format of /metrics. */
export function readSamples(text: string): Samples {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (found === null) return [];
    const labels = [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value] as const);
    return [{ metric: found[1] ?? '', labels: new Map(labels), value: Number(found[3]) }];
  });
}

/** Whether there is a series that the selector finds. */
export function isExposed({ metric, labels }: Selector, samples: Samples): boolean {
  return samples.some(
    (sample) => sample.metric === metric && labels.every(({ name, operator, value }) => operator === '=' && sample.labels.get(name) === value),
  );
}
