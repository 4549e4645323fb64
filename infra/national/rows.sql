-- Rows of the facts of one month, from `day` (how many came when), made by DuckDB: the same for a seed.
-- $seed, $first and $last: days since the first one (exclusive); $now: the moment after which nothing has happened yet.
CREATE OR REPLACE MACRO u(number, draw) AS (hash(number * 64 + draw) >> 11)::DOUBLE / 9007199254740992.0;
CREATE OR REPLACE MACRO id_of(ms, number, kind) AS lpad(to_hex(ms), 12, '0') || '7'
    || lpad(to_hex((hash(number * 64 + kind) & 4095)::BIGINT), 3, '0') || '8'
    || lpad(to_hex((hash(number * 64 + kind + 1) & 1152921504606846975)::BIGINT), 15, '0');

CREATE OR REPLACE TEMP TABLE came AS
SELECT d.region, d.day, d.burst, unnest(range(d.count)) + d.first + $seed * 100000000000 AS n
FROM day AS d WHERE d.day >= $first AND d.day < $last;

CREATE OR REPLACE TEMP TABLE placed AS
SELECT c.n, r.code AS region, r.place, r.zone_seconds,
    -- Mostly by day, and then by the second: bursts and nights as they are.
    (TIMESTAMP '1970-01-01' + to_days(CAST(r.first_day + c.day AS INTEGER))
        + to_milliseconds(CAST(floor(1000 * CASE WHEN u(c.n, 1) < 0.12 THEN u(c.n, 2) * 86400
            ELSE 28800 + u(c.n, 2) * 43200 END) AS BIGINT))) AS received_local,
    CAST(CASE WHEN c.burst >= 0 AND u(c.n, 3) < 0.6 THEN c.burst ELSE floor(161 ** u(c.n, 4)) - 1 END AS INTEGER) AS topic,
    CAST(floor(r.centres * u(c.n, 5) ** 1.7) AS INTEGER) AS centre,
    CAST(floor(217 * u(c.n, 18) ** 2) AS INTEGER) AS around
FROM came AS c JOIN region AS r ON r.place = c.region;

CREATE OR REPLACE TEMP TABLE lived AS
SELECT p.*, received_local - to_seconds(zone_seconds) AS received_at,
    epoch_ms(received_local - to_seconds(zone_seconds)) AS ms,
    -- A topic in a place has one competent organisation, nearly always.
    CAST(CASE WHEN u(n, 6) < 0.85 THEN (topic * 7 + centre * 11) % 40 ELSE floor(40 * u(n, 7)) END AS INTEGER) AS organisation,
    CASE WHEN u(n, 8) < 0.34 THEN 'portal' WHEN u(n, 8) < 0.56 THEN 'pos' WHEN u(n, 8) < 0.70 THEN 'vk'
        WHEN u(n, 8) < 0.78 THEN 'widget' WHEN u(n, 8) < 0.86 THEN 'telegram' WHEN u(n, 8) < 0.91 THEN 'phone'
        WHEN u(n, 8) < 0.95 THEN 'email' WHEN u(n, 8) < 0.98 THEN 'max' ELSE 'ok' END AS channel,
    u(n, 9) < 0.01 AS is_unrouted, u(n, 9) < 0.025 AS is_unassigned, u(n, 9) > 0.99 AS is_withdrawn,
    u(n, 9) > 0.98 AND u(n, 9) <= 0.99 AS is_rejected,
    u(n, 10) < 0.06 AS is_redirected, u(n, 11) < 0.05 AS is_helped, u(n, 12) < 0.4 AS is_stated,
    floor(60 - 36000 * ln(1 - u(n, 13))) AS reaction_seconds,
    floor(3600 - 475200 * (ln(1 - u(n, 14)) + ln(1 - u(n, 15)))) AS answer_seconds,
    u(n, 16) < 0.985 AS is_answerable, u(n, 17) < 0.05 AS is_reopened, u(n, 19) < 0.9 AS is_answered_again,
    CAST(CASE WHEN u(n, 20) < 0.22 THEN floor(1 + 5 * u(n, 21) ** 0.7) END AS INTEGER) AS score
FROM placed AS p;

CREATE OR REPLACE TEMP TABLE ended AS
SELECT l.*,
    CASE WHEN NOT is_unassigned AND received_at + to_seconds(least(reaction_seconds, answer_seconds)) < $now
        THEN received_at + to_seconds(least(reaction_seconds, answer_seconds)) END AS first_reaction_at,
    CASE WHEN NOT is_unassigned AND NOT is_withdrawn AND NOT is_rejected AND is_answerable
        AND received_at + to_seconds(answer_seconds) < $now THEN received_at + to_seconds(answer_seconds) END AS answered_at,
    received_at + to_days(30) AS due_at
FROM lived AS l;

CREATE OR REPLACE TEMP TABLE told AS
SELECT e.*, id_of(ms, n, 32) AS appeal_id, id_of(ms + 2000, n, 34) AS lead_id, id_of(ms + 1000, n, 36) AS former_id,
    id_of(ms + 3000, n, 38) AS helper_id, id_of(ms + 4000, n, 40) AS answer_id, id_of(ms + 5000, n, 42) AS again_id,
    CASE WHEN answered_at IS NOT NULL AND is_reopened AND answered_at + to_days(2) < $now
        THEN answered_at + to_days(2) END AS reopened_at,
    CASE WHEN answered_at IS NOT NULL AND is_reopened AND is_answered_again AND answered_at + to_days(9) < $now
        THEN answered_at + to_days(9) END AS again_at,
    coalesce(answered_at, $now) > due_at AS is_late, 't' || lpad(topic::VARCHAR, 3, '0') AS topic_code,
    'g' || lpad((topic // 8)::VARCHAR, 2, '0') AS group_code, c.code AS municipality, c.cells[1 + around] AS cell
FROM ended AS e JOIN centre AS c ON c.place = e.place AND c.number = e.centre;
