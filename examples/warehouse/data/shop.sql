CREATE TABLE customers (id integer PRIMARY KEY, email text, name text, country text, changed_at text NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers, amount numeric NOT NULL);
CREATE INDEX customers_changed ON customers (changed_at, id);
CREATE INDEX orders_customer ON orders (customer_id);
INSERT INTO customers VALUES
  (1, 'ada@example.test', 'Ada Lovelace', 'GB', '2026-01-05T09:00:00Z'),
  (2, 'grace@example.test', 'Grace Hopper', 'US', '2026-01-06T10:30:00Z'),
  (3, NULL, 'Zoë O''Brien; "Z"', 'IE', '2026-01-07T23:59:59Z');
INSERT INTO orders VALUES (1, 1, 19.90), (2, 1, 100), (3, 2, 7.5);
