-- fill.sql: adds copies of what a tenant has in a table, in live mode, and counts it.
-- Before it: SET @table = 'mission' or 'content', @tenant = '…', @copies = …;
-- The columns are asked for, so that a new one needs no change here. The ids have the time of the
-- newest (seven characters) and count on in the other nine. No copy has a place in a calendar.
SELECT GROUP_CONCAT('`', column_name, '`' ORDER BY ordinal_position),
       GROUP_CONCAT(CASE column_name
                    WHEN 'id' THEN CONCAT('CONCAT(m.newest, CONVERT(LPAD(CONV(s.seq * m.many + m.place,',
                                          ' 10, 36), 9, ''0'') USING ascii))')
                    WHEN 'slot_ms' THEN 'NULL'
                    ELSE CONCAT('m.`', column_name, '`') END ORDER BY ordinal_position)
  INTO @names, @values
  FROM information_schema.columns
 WHERE table_schema = 'amp' AND table_name = @table;

SET @statement = CONCAT('INSERT INTO ', @table, ' (', @names, ') SELECT ', @values,
                        ' FROM seq_1_to_', @copies, ' s STRAIGHT_JOIN',
                        ' (SELECT *, MAX(LEFT(id, 7)) OVER () AS newest, COUNT(*) OVER () AS many,',
                        ' ROW_NUMBER() OVER () AS place FROM ', @table,
                        ' WHERE tenant_id = ? AND livemode = 1) m LIMIT ', @copies);
PREPARE fill FROM @statement;
EXECUTE fill USING @tenant;

DELETE FROM mission_count WHERE tenant_id = @tenant AND livemode = 1;
INSERT INTO mission_count (tenant_id, livemode, status, platform_set, slot, n)
SELECT tenant_id, livemode, status, platform_set, 0, COUNT(*)
  FROM mission
 WHERE tenant_id = @tenant AND livemode = 1
 GROUP BY tenant_id, livemode, status, platform_set;

DELETE FROM content_count WHERE tenant_id = @tenant AND livemode = 1;
INSERT INTO content_count (tenant_id, livemode, mission_id, status, platform, type, slot, n)
SELECT tenant_id, livemode, mission_id, status, platform, type, 0, COUNT(*)
  FROM content
 WHERE tenant_id = @tenant AND livemode = 1
 GROUP BY tenant_id, livemode, mission_id, status, platform, type
 UNION ALL
SELECT tenant_id, livemode, '0000000000000000', status, platform, type, 0, COUNT(*)
  FROM content
 WHERE tenant_id = @tenant AND livemode = 1
 GROUP BY tenant_id, livemode, status, platform, type;
