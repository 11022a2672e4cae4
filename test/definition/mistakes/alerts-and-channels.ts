import { SYNC, suite } from './mistake-suite.ts';

export function alertsAndChannels(): void {
  suite('alerts and their channels', [
    [
      'an unknown channel',
      SYNC,
      'mapping:',
      'alerts: [{ on: run-failed, notify: [ops-slak] }]\nmapping:',
      `${SYNC}:7:37 alerts.0.notify.0: unknown channel "ops-slak": syncline.yaml has no \`channels\``,
    ],
    [
      'a condition that is no expression, or reads what no run counts',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels: { ops: { type: slack, url: "${secret:CRM_TOKEN}" } }\ndefaults:\n  alerts: [{ on: run-failed, if: rejectd > 1, notify: [opz] }]',
      'syncline.yaml:4:34 defaults.alerts.0.if: there is no "rejectd" here, did you mean "rejected"?',
      'syncline.yaml:4:56 defaults.alerts.0.notify.0: unknown channel "opz", did you mean "ops"?',
    ],
    [
      'a rule without its condition, and one that stands twice',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels: { ops: { type: slack, url: "${secret:CRM_TOKEN}" } }\ndefaults:\n  alerts: [{ on: run-failed, notify: [ops] }, { on: run-failed, notify: [ops] }]',
      'syncline.yaml:4:47 defaults.alerts.1: the same rule stands above: name all channels in one `notify`',
    ],
    [
      'an end of every run',
      SYNC,
      'mapping:',
      'alerts: [{ on: run-finished, notify: [ops] }]\nmapping:',
      `${SYNC}:7:10 alerts.0: run-finished needs \`if\`: without it every run would be an incident`,
    ],
    [
      'a time that is missing, and nobody to tell',
      SYNC,
      'mapping:',
      'alerts: [{ on: no-success, notify: [ops] }, { on: no-success, for: 1h, notify: [] }]\nmapping:',
      `${SYNC}:7:10 alerts.0: no-success needs \`for\`: how long it may be without a run that goes well`,
      `${SYNC}:7:80 alerts.1.notify: must be at least 1`,
    ],
    [
      'terms of another rule',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels: { ops: { type: slack, url: "${secret:CRM_TOKEN}" } }\ndefaults:\n  alerts: [{ on: no-success, for: 0s, if: read > 1, notify: [ops] }, { on: drift-found, for: 1h, notify: [ops] }]',
      'syncline.yaml:4:35 defaults.alerts.0.for: must be longer than 0',
      'syncline.yaml:4:39 defaults.alerts.0.if: no-success has no `if`: it has for',
      'syncline.yaml:4:89 defaults.alerts.1.for: drift-found has no `for`',
    ],
    [
      'a mail server that is spoken to in the clear, and a login without its password',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels:\n  a: { type: email, host: mail.acme.test, security: none, username: me, from: ops@acme.test, to: [ops@acme.test] }',
      'syncline.yaml:3:53 channels.a.security: mail.acme.test is another machine: use starttls or tls',
      'syncline.yaml:3:69 channels.a.username: username and password go together',
    ],
    [
      'an address that is none',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels:\n  a: { type: email, host: localhost, from: ops, to: [ops@acme.test] }',
      'syncline.yaml:3:44 channels.a.from: must be a mail address: ops@acme.test, or Syncline <ops@acme.test>',
    ],
    [
      'an address in the file, beside a secret that is not set',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels:\n  a: { type: slack, url: https://hooks.slack.com/x }\n  b: { type: webhook, url: "${secret:NOT_SET}" }',
      'syncline.yaml:3:26 channels.a.url: whoever knows it can post there: write ${secret:NAME}, and put its value into .env',
      'syncline.yaml:4:28 warning: channels.b.url: the secret NOT_SET is not set here, so that b is told nothing: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR',
    ],
    [
      'a secret that is not set: a warning, as it stops no run',
      'syncline.yaml',
      'name: acme',
      'name: acme\nchannels: { b: { type: webhook, url: "${secret:NOT_SET}" } }',
      'syncline.yaml:2:38 warning: channels.b.url: the secret NOT_SET is not set here, so that b is told nothing: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR',
    ],
  ]);
}
