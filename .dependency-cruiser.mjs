/** The walls of the house: who may import whom. docs/architecture.md has them in words. */
const NODE = '^node:';
const PACKAGES = 'node_modules/';

/** A room may import its own files, the rooms and the packages named, and Node's built-ins where `node` is true. */
function room(name, { rooms = [], files = [], packages = [], node = true, severity = 'error' }) {
  const allowed = [`^${name}/`, ...rooms.map((other) => `^${other}/`), ...files.map((file) => `^${file.replaceAll('.', '\\.')}$`)];
  const allowedPackages = packages.map((pattern) => `node_modules/${pattern}/`);
  return {
    name: `walls-of-${name}`,
    severity,
    from: { path: `^${name}/` },
    to: { pathNot: [...allowed, ...allowedPackages, ...(node ? [NODE] : [])], dependencyTypesNot: node ? ['core'] : [] },
  };
}

/** The same, but only types may cross. */
function typesOnly(name, target) {
  return {
    name: `${name}-takes-only-types-from-${target}`,
    severity: 'error',
    from: { path: `^${name}/` },
    to: { path: `^${target}/`, dependencyTypesNot: ['type-only'] },
  };
}

export default {
  forbidden: [
    room('engine', { packages: ['@noble/hashes', 'jsonata', 'libphonenumber-js', 'fastest-levenshtein'], node: false }),
    room('definition', { rooms: ['engine'], packages: ['graphql', 'zod', 'yaml'] }),
    room('http', { rooms: ['engine'], packages: ['undici', 'zod', 'jose', 'csv-parse', 'fast-xml-parser', 'yauzl'] }),
    room('connectors', {
      rooms: ['definition', 'engine', 'http'],
      packages: [
        '@readme/openapi-parser',
        'csv-parse',
        'fast-xml-parser',
        'graphql',
        'nodemailer',
        'pg',
        'postgres-array',
        'shlex',
        'standardwebhooks',
        'yaml',
        'zod',
      ],
    }),
    room('ledger', { rooms: ['engine'], packages: ['zod', 'pg'] }),
    room('activities', {
      rooms: ['engine', 'definition', 'connectors', 'ledger'],
      packages: ['pino', '@temporalio/activity', '@temporalio/common', 'long', 'zod'],
    }),
    room('payloads', { rooms: ['engine'], packages: ['@temporalio/common', '@temporalio/proto', 'zod'] }),
    room('workflows', { rooms: ['engine', 'activities'], packages: ['@temporalio/workflow', '@temporalio/common'], node: false }),
    typesOnly('workflows', 'activities'),
    room('worker', {
      rooms: ['engine', 'definition', 'http', 'connectors', 'ledger', 'payloads', 'activities', 'workflows'],
      packages: ['@temporalio/.*', '@opentelemetry/.*', 'pino', 'prom-client', 'zod', 'undici'],
    }),
    room('client', {
      rooms: ['definition', 'engine', 'connectors', 'ledger', 'payloads'],
      files: ['workflows/contract.ts'],
      packages: ['pino', 'zod', 'commander', 'csv-parse', 'picocolors', '@inquirer/.*', '@temporalio/client', '@temporalio/common', '@temporalio/envconfig'],
    }),
    room('listener', {
      rooms: ['definition', 'engine', 'ledger', 'client'],
      files: ['worker/sight/logged-error.ts', 'worker/sight/metric-catalog.ts', 'worker/sight/sight-server.ts'],
      packages: ['pino', 'prom-client', 'zod', 'standardwebhooks', '@temporalio/client'],
    }),
    room('sandbox', { packages: ['zod', 'csv-parse'] }),
    {
      name: 'nobody-imports-test-or-sandbox',
      severity: 'error',
      from: { pathNot: '^(test|scripts|sandbox|bench)/' },
      to: { path: '^(test|scripts|sandbox|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-lumber-rooms', severity: 'error', from: {}, to: { path: '(^|/)(utils|common|helpers|lib)/', pathNot: PACKAGES } },
    { name: 'no-unlisted-packages', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] } },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    detectProcessBuiltinModuleCalls: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
