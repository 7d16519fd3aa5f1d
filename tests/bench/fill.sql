-- fill.sql: makes copies of the one mission of a tenant, in live mode, and counts them.
-- Before it: SET @tenant = '…', @copies = …;
-- The columns are asked for, so that a new one needs no change here. The ids keep the first seven
-- characters (the time) and count on in the other nine.
SELECT GROUP_CONCAT('`', column_name, '`' ORDER BY ordinal_position),
       GROUP_CONCAT(IF(column_name = 'id',
                       'CONCAT(LEFT(m.id, 7), CONVERT(LPAD(CONV(s.seq, 10, 36), 9, ''0'') USING ascii))',
                       CONCAT('m.`', column_name, '`')) ORDER BY ordinal_position)
  INTO @names, @values
  FROM information_schema.columns
 WHERE table_schema = 'amp' AND table_name = 'mission';

SET @statement = CONCAT('INSERT INTO mission (', @names, ') SELECT ', @values,
                        ' FROM (SELECT * FROM mission WHERE tenant_id = ? AND livemode = 1 LIMIT 1) m',
                        ' JOIN seq_1_to_', @copies, ' s');
PREPARE fill FROM @statement;
EXECUTE fill USING @tenant;

DELETE FROM mission_count WHERE tenant_id = @tenant AND livemode = 1;
INSERT INTO mission_count (tenant_id, livemode, status, platform_set, slot, n)
SELECT tenant_id, livemode, status, platform_set, 0, COUNT(*)
  FROM mission
 WHERE tenant_id = @tenant AND livemode = 1
 GROUP BY tenant_id, livemode, status, platform_set;
