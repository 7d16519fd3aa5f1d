<?php
// index.php: the two reads of the benchmark as PHP and PDO would do them: a persistent connection in
// each process, keys remembered for two seconds in APCu. It answers what AMP answers from the same
// tables, and does less: no rate limit, no log, no request ids. PDO's own way with parameters (one
// round trip) was faster than statements prepared anew in each request.
declare(strict_types=1);

const REMEMBERED_S = 2;

const KEY = 'SELECT tenant_id, livemode FROM api_key
    WHERE key_hash = UNHEX(?) AND (expires_ms IS NULL OR expires_ms > ?)';
const MISSION = 'SELECT id, name, description, status, status_reason, objectives, platforms, constraints,
    kpis, brand_context_id, duration_days, starts_ms, ends_ms, pipeline_job_id, livemode, created_ms,
    updated_ms FROM mission WHERE tenant_id = ? AND livemode = ? AND id = ? AND status <> 5';
const CONTENTS = "SELECT id, mission_id, platform, type, status, copy, visuals, topic, pillar, tags,
    language, ROUND(confidence, 2) AS confidence, model, (cost_microcents + 500000) DIV 1000000 AS cost_cents,
    scheduled_ms, zone, published_ms, platform_post_id, platform_url, provider_post_id, attempts, last_error,
    review_required, approvals, approvals_required, reviewed_by, reviewed_ms, notes, rejection_reason,
    version, livemode, created_ms, updated_ms,
    (SELECT COALESCE(SUM(n), 0) FROM content_count WHERE tenant_id = ? AND livemode = ?
        AND mission_id = '0000000000000000') AS total
    FROM content FORCE INDEX (PRIMARY) WHERE tenant_id = ? AND livemode = ? ORDER BY id DESC LIMIT ?";

const MISSION_STATUSES = [1 => 'draft', 'active', 'paused', 'completed'];
const PLATFORMS = [1 => 'twitter', 'linkedin', 'instagram', 'facebook', 'threads', 'bluesky', 'tiktok',
    'youtube', 'pinterest', 'google_business', 'mastodon'];
const TYPES = [1 => 'post', 'thread', 'carousel', 'story', 'reel', 'video', 'article', 'poll'];
const STATUSES = [1 => 'draft', 'pending_review', 'approved', 'rejected', 'scheduled', 'publishing',
    'published', 'failed', 'archived'];

function text(string|float|null $value): string
{
    return json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
}

function time_of(?int $ms): string
{
    return $ms === null ? 'null' : gmdate('"Y-m-d\TH:i:s\Z"', intdiv($ms, 1000));
}

function id(string $prefix, ?string $bare): string
{
    return $bare === null ? 'null' : "\"{$prefix}_$bare\"";
}

function bool(int $number): string
{
    return $number ? 'true' : 'false';
}

function mission(array $m): string
{
    return '{"id":' . id('msn', $m['id']) . ',"name":' . text($m['name'])
        . ',"description":' . text($m['description'])
        . ',"status":"' . MISSION_STATUSES[$m['status']] . '","status_reason":' . text($m['status_reason'])
        . ',"objectives":' . $m['objectives'] . ',"platforms":' . $m['platforms']
        . ',"constraints":' . $m['constraints'] . ',"kpis":' . $m['kpis']
        . ',"brand_context_id":' . id('brc', $m['brand_context_id'])
        . ',"duration_days":' . $m['duration_days'] . ',"starts_at":' . time_of($m['starts_ms'])
        . ',"ends_at":' . time_of($m['ends_ms']) . ',"pipeline_job_id":' . id('job', $m['pipeline_job_id'])
        . ',"livemode":' . bool($m['livemode']) . ',"created_at":' . time_of($m['created_ms'])
        . ',"updated_at":' . time_of($m['updated_ms']) . '}';
}

function content(array $c): string
{
    return '{"id":' . id('cnt', $c['id']) . ',"mission_id":' . id('msn', $c['mission_id'])
        . ',"platform":"' . PLATFORMS[$c['platform']] . '","type":"' . TYPES[$c['type']]
        . '","status":"' . STATUSES[$c['status']] . '","copy":' . $c['copy'] . ',"visuals":' . $c['visuals']
        . ',"metadata":{"topic":' . text($c['topic']) . ',"pillar":' . text($c['pillar'])
        . ',"tags":' . $c['tags'] . ',"language":' . text($c['language'])
        . ',"confidence_score":' . text($c['confidence']) . ',"generation_model":' . text($c['model'])
        . ',"generation_cost_cents":' . $c['cost_cents']
        . '},"scheduling":{"scheduled_for":' . time_of($c['scheduled_ms']) . ',"timezone":' . text($c['zone'])
        . '},"publishing":{"published_at":' . time_of($c['published_ms'])
        . ',"platform_post_id":' . text($c['platform_post_id'])
        . ',"platform_url":' . text($c['platform_url']) . ',"metricool_post_id":' . text($c['provider_post_id'])
        . ',"attempts":' . $c['attempts'] . ',"last_error":' . text($c['last_error'])
        . '},"review":{"required":' . bool($c['review_required']) . ',"approvals":' . $c['approvals']
        . ',"approvals_required":' . $c['approvals_required'] . ',"reviewed_by":' . text($c['reviewed_by'])
        . ',"reviewed_at":' . time_of($c['reviewed_ms']) . ',"notes":' . text($c['notes'])
        . ',"rejection_reason":' . text($c['rejection_reason'])
        . '},"version":' . $c['version'] . ',"livemode":' . bool($c['livemode'])
        . ',"created_at":' . time_of($c['created_ms']) . ',"updated_at":' . time_of($c['updated_ms']) . '}';
}

function fail(int $status, string $code): never
{
    http_response_code($status);
    exit('{"error":{"code":"' . $code . '"}}');
}

function rows(PDO $database, string $sql, array $values): array
{
    $statement = $database->prepare($sql);
    foreach ($values as $i => $value) {
        $statement->bindValue($i + 1, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
    }
    $statement->execute();
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

function tenant(PDO $database): array
{
    $credential = $_SERVER['HTTP_AUTHORIZATION'] ?? '';
    if (!str_starts_with($credential, 'Bearer ')) {
        fail(401, 'unauthorized');
    }
    $hash = hash('sha256', substr($credential, 7));
    $known = apcu_fetch($hash);
    if ($known === false) {
        [$known] = rows($database, KEY, [$hash, time() * 1000]) ?: fail(401, 'unauthorized');
        apcu_store($hash, $known, REMEMBERED_S);
    }
    return [$known['tenant_id'], $known['livemode']];
}

function answer(PDO $database, string $path): string
{
    [$tenant, $live] = tenant($database);
    if (str_starts_with($path, '/v1/missions/msn_')) {
        $found = rows($database, MISSION, [$tenant, $live, substr($path, strlen('/v1/missions/msn_'))]);
        return mission($found[0] ?? fail(404, 'not_found'));
    }
    if ($path === '/v1/content') {
        $limit = (int) ($_GET['limit'] ?? 20);
        $found = rows($database, CONTENTS, [$tenant, $live, $tenant, $live, $limit + 1]);
        return '{"data":[' . implode(',', array_map('content', array_slice($found, 0, $limit)))
            . '],"has_more":' . bool((int) (count($found) > $limit)) . ',"total":' . ($found[0]['total'] ?? 0) . '}';
    }
    fail(404, 'not_found');
}

header('Content-Type: application/json; charset=utf-8');
$database = new PDO('mysql:dbname=amp;charset=utf8mb4;unix_socket=' . getenv('PEER_DATABASE'), 'amp',
    getenv('PEER_PASSWORD'), [PDO::ATTR_PERSISTENT => true]);
echo answer($database, strtok($_SERVER['REQUEST_URI'], '?'));
