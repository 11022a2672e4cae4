import tseslint from 'typescript-eslint';

// Biome formats and lints; ESLint holds what needs types (a promise nobody awaits, also of a proxied activity) and the walls that are about globals.
const CLOCK = 'The engine has no clock: take the time as an argument.';

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '**/*.mjs', '**/.syncline'] },
  {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, properties: false } }],
    },
  },
  {
    files: ['engine/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'Buffer', 'crypto'],
      'no-restricted-syntax': [
        'error',
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: CLOCK },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'The engine throws no dice: take randomness as an argument.',
        },
      ],
    },
  },
);
