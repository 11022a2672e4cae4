import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Biome formats and lints; ESLint holds what needs types (a promise nobody awaits, also of a proxied activity), the ban on assertions, and the walls about globals.
const CLOCK = 'The engine has no clock: take the time as an argument.';
const DICE = 'The engine throws no dice: take randomness as an argument.';
const OUTSIDE = 'The engine knows no outside world: take what is needed as an argument.';
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'];
const WORLD = ['process', 'performance', 'crypto', 'fetch', 'Buffer', 'console', 'navigator', 'globalThis', 'global', 'require'];

export default defineConfig([
  globalIgnores(['node_modules', 'dist', '**/*.mjs', '**/.syncline']),
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
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      // Only `as const`: anything else hides what a schema should have said. A driver's edge disables the rule on its line, with the reason.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    },
  },
  {
    files: ['engine/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...[...TIMERS, ...WORLD].map((name) => ({ name, message: OUTSIDE }))],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now', message: CLOCK }, { object: 'Math', property: 'random', message: DICE }],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
        { selector: "CallExpression[callee.name='Date']", message: CLOCK },
      ],
    },
  },
]);
