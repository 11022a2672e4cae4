/** A connector that uses most of what there is; docs/definitions.md shows it, and a test loads it. */
export const CONNECTOR_EXAMPLE = `
baseUrl: https://api.acme.test/v2
version: { header: X-API-Version, value: "2026-01-01" }
auth: { type: oauth2-client-credentials, tokenUrl: /oauth/token, clientId: acme-app, clientSecret: "\${secret:ACME_SECRET}", scopes: [crm.read] }
limits: { requests: [{ count: 20, per: 1s }], headers: { remaining: X-RateLimit-Remaining, reset: X-RateLimit-Reset } }
errors: # the first that matches counts; otherwise HTTP decides
  - { when: "status = 200 and body.errors", outcome: reject-request, message: "body.errors[0].message" }
  - { when: "status = 403 and body.code = 'DAILY_LIMIT'", outcome: quota-spent, until: "headers.'x-reset-at'" }
objects:
  contacts:
    primaryKey: id
    webUrl: "https://app.acme.test/contacts/{id}"
    list:
      get: /contacts
      query:
        status: active
        updated_after: { value: "{window.from}", optional: true }
      records: data
      page: { type: cursor, cursor: meta.next_cursor, param: cursor, size: { param: page_size, max: 100 } }
    get: { get: "/contacts/{id}" }
    search: { post: /contacts/search, body: { emails: "{keys}" }, records: data, indexingDelay: 2s }
    upsert:
      post: /contacts/batch
      max: 100
      maxBytes: 1MB
      body: { items: "{records}" }
      results: { at: results, by: index, id: id, error: error.message }
      idempotency: { header: Idempotency-Key, ttl: 23h }
      applyDelay: 10s
    delete: { delete: "/contacts/{id}" }
`;
