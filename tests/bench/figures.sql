-- figures.sql: posts of two years up to a moment and what they gained, in live mode, as pulls would
-- have brought it; the sums are made from it by `amp analytics rebuild`.
-- Before it: SET @tenant = '…', @gains = …, @now = milliseconds; a post has a hundred gains.
SET @posts = @gains DIV 100, @hour = @now DIV 3600000;

INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id, platform, type, pillar, published_ms, day,
                         impressions, engagements, likes, clicks, rate, changed_ms)
SELECT @tenant, 1, CONCAT('0OxlNPC', LPAD(seq, 9, '0')), CONCAT('0OxlNPC', LPAD(1 + seq % 10, 9, '0')),
       1 + seq % 3, 1 + seq % 2, CONCAT('Pillar ', seq % 4), p.at, p.at DIV 86400000,
       100 * (1 + seq % 50), 100 * (seq % 5), 100, 100, 0, p.at
  FROM (SELECT seq, @now - 63072000000 DIV @posts * seq AS at FROM seq_1_to_1000000 WHERE seq <= @posts) p;

UPDATE metric_last SET rate = (20000 * engagements + impressions) DIV (2 * impressions)
 WHERE tenant_id = @tenant AND livemode = 1;

INSERT INTO metric_gain (tenant_id, livemode, content_id, hour, impressions, engagements, likes, comments, shares,
                         saves, clicks)
SELECT m.tenant_id, 1, m.content_id, LEAST(m.published_ms DIV 3600000, @hour - 100) + s.seq,
       m.impressions DIV 100, m.engagements DIV 100, 1, 0, 0, 0, 1
  FROM metric_last m JOIN seq_1_to_100 s WHERE m.tenant_id = @tenant AND m.livemode = 1;

INSERT INTO content (tenant_id, livemode, id, mission_id, platform, type, status, copy, visuals, tags, language, model,
                     zone, review_required, created_ms, updated_ms)
SELECT tenant_id, 1, content_id, mission_id, platform, type, 7, '{"primary":"A post."}', '[]', '[]', 'en', 'builtin',
       'UTC', 0, published_ms, published_ms
  FROM metric_last WHERE tenant_id = @tenant AND livemode = 1;
