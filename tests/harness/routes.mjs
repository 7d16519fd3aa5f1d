// routes.mjs: the routes as their users know them: method, path, scope, and a body that they take.
// Written down a second time on purpose: a row of the program that changes unawares is found.

// {method, path, scope, body, mode, review}; ":msn" stands for an id; mode: the only one it is for;
// review: approvers may, too.
export const routes = [
    { method: 'GET', path: '/auth/whoami' },
    { method: 'POST', path: '/auth/logout', session: true }, // for tokens, not for keys
    {
        method: 'PUT',
        path: '/auth/password',
        session: true,
        body: { current_password: 'correct horse', new_password: 'battery staple' },
    },
    { method: 'GET', path: '/auth/keys', scope: 'admin' },
    { method: 'POST', path: '/auth/keys', scope: 'admin', body: { name: 'CI', scopes: ['missions:read'] } },
    { method: 'DELETE', path: '/auth/keys/:key', scope: 'admin' },
    { method: 'GET', path: '/missions', scope: 'missions:read' },
    {
        method: 'POST',
        path: '/missions',
        scope: 'missions:write',
        body: { name: 'M', objectives: ['O'], platforms: ['twitter'], status: 'draft' },
    },
    { method: 'GET', path: '/missions/:msn', scope: 'missions:read' },
    { method: 'PUT', path: '/missions/:msn', scope: 'missions:write', body: { name: 'M' } },
    { method: 'DELETE', path: '/missions/:msn', scope: 'missions:write' },
    { method: 'POST', path: '/missions/:msn/pause', scope: 'missions:write' },
    { method: 'POST', path: '/missions/:msn/resume', scope: 'missions:write' },
    { method: 'GET', path: '/missions/:msn/pipeline', scope: 'missions:read' },
    { method: 'POST', path: '/missions/:msn/run', scope: 'missions:write' },
    { method: 'GET', path: '/jobs', scope: 'missions:read' },
    { method: 'GET', path: '/jobs/:job', scope: 'missions:read' },
    { method: 'POST', path: '/jobs/:job/retry', scope: 'missions:write' },
    { method: 'GET', path: '/brand-contexts', scope: 'missions:read' },
    { method: 'POST', path: '/brand-contexts', scope: 'missions:write', body: { name: 'B' } },
    { method: 'GET', path: '/brand-contexts/:brc', scope: 'missions:read' },
    { method: 'PUT', path: '/brand-contexts/:brc', scope: 'missions:write', body: { name: 'B' } },
    { method: 'DELETE', path: '/brand-contexts/:brc', scope: 'missions:write' },
    { method: 'GET', path: '/content', scope: 'content:read' },
    { method: 'GET', path: '/content/:cnt', scope: 'content:read' },
    { method: 'GET', path: '/content/:cnt/preview', scope: 'content:read' },
    { method: 'POST', path: '/content/:cnt/approve', scope: 'content:write', review: true },
    { method: 'POST', path: '/content/:cnt/reject', scope: 'content:write', review: true, body: { reason: 'R' } },
    { method: 'GET', path: '/content/:cnt/versions', scope: 'content:read' },
    { method: 'PUT', path: '/content/:cnt', scope: 'content:write', body: { visuals: [] } },
    { method: 'POST', path: '/content/:cnt/regenerate', scope: 'content:write' },
    { method: 'POST', path: '/content/:cnt/archive', scope: 'content:write' },
    {
        method: 'POST',
        path: '/content/bulk/approve',
        scope: 'content:write',
        review: true,
        body: { ids: [':cnt'] },
    },
    {
        method: 'POST',
        path: '/content/bulk/reject',
        scope: 'content:write',
        review: true,
        body: { ids: [':cnt'], reason: 'R' },
    },
    { method: 'POST', path: '/publish', scope: 'content:write', body: { content_id: ':cnt' } },
    {
        method: 'POST',
        path: '/publish/schedule',
        scope: 'content:write',
        body: { content_id: ':cnt', scheduled_for: '2999-01-01T00:00:00Z' },
    },
    { method: 'DELETE', path: '/publish/:cnt', scope: 'content:write' },
    { method: 'GET', path: '/publish/queue', scope: 'content:read' },
    { method: 'GET', path: '/publish/calendar', scope: 'content:read' },
    { method: 'GET', path: '/analytics', scope: 'analytics:read' },
    { method: 'GET', path: '/analytics/missions/:msn', scope: 'analytics:read' },
    { method: 'GET', path: '/analytics/performance', scope: 'analytics:read' },
    { method: 'GET', path: '/analytics/costs', scope: 'analytics:read' },
    { method: 'GET', path: '/analytics/export', scope: 'analytics:read' },
    { method: 'GET', path: '/connect/status', scope: 'integrations:read' },
    {
        method: 'POST',
        path: '/connect/metricool',
        scope: 'integrations:write',
        body: { token: 'refused', blog_id: '1' },
    },
    { method: 'GET', path: '/connect/metricool', scope: 'integrations:read' },
    { method: 'DELETE', path: '/connect/metricool', scope: 'integrations:write' },
    { method: 'GET', path: '/connect/metricool/test', scope: 'integrations:read' },
    { method: 'GET', path: '/connect/metricool/brands', scope: 'integrations:read' },
    { method: 'GET', path: '/connect/metricool/accounts', scope: 'integrations:read' },
    { method: 'POST', path: '/auth/keys/:key/rotate', scope: 'admin' },
    { method: 'GET', path: '/tenant' },
    { method: 'PUT', path: '/tenant', scope: 'admin', body: { name: 'T' }, mode: 'live' },
    { method: 'GET', path: '/tenant/members', scope: 'admin' },
    { method: 'PUT', path: '/tenant/members/:usr', scope: 'admin', body: { role: 'viewer' }, mode: 'live' },
    { method: 'DELETE', path: '/tenant/members/:usr', scope: 'admin', mode: 'live' },
    { method: 'GET', path: '/tenant/invitations', scope: 'admin' },
    {
        method: 'POST',
        path: '/tenant/invitations',
        scope: 'admin',
        body: { email: 'ada@example.com', role: 'viewer' },
        mode: 'live',
    },
    { method: 'DELETE', path: '/tenant/invitations/:inv', scope: 'admin', mode: 'live' },
    { method: 'GET', path: '/audit', scope: 'admin' },
    { method: 'GET', path: '/webhooks', scope: 'integrations:read' },
    {
        method: 'POST',
        path: '/webhooks',
        scope: 'integrations:write',
        body: { url: 'https://example.com/hook' },
    },
    { method: 'GET', path: '/webhooks/:whk', scope: 'integrations:read' },
    { method: 'PUT', path: '/webhooks/:whk', scope: 'integrations:write', body: { enabled: true } },
    { method: 'DELETE', path: '/webhooks/:whk', scope: 'integrations:write' },
    { method: 'POST', path: '/webhooks/:whk/test', scope: 'integrations:write' },
    { method: 'POST', path: '/webhooks/:whk/rotate-secret', scope: 'integrations:write', body: {} },
    { method: 'GET', path: '/webhooks/:whk/deliveries', scope: 'integrations:read' },
    { method: 'POST', path: '/webhooks/:whk/deliveries/:dlv/replay', scope: 'integrations:write' },
    { method: 'GET', path: '/test/clock' },
    { method: 'POST', path: '/test/clock', scope: 'missions:write', body: { advance_seconds: 1 } },
    { method: 'DELETE', path: '/test/clock', scope: 'missions:write' },
];

export const scopes = [
    'missions:read',
    'missions:write',
    'content:read',
    'content:write',
    'analytics:read',
    'integrations:read',
    'integrations:write',
    'admin',
];

// What a role is worth, as scopes.
const reads = ['missions:read', 'content:read', 'analytics:read', 'integrations:read'];
export const roles = {
    viewer: reads,
    approver: reads,
    operator: [...reads, 'missions:write', 'content:write'],
    admin: ['admin'],
};

// Does somebody who is signed in with this role reach a route?
export const roleReaches = (role, { scope, review }) =>
    (review && role === 'approver') || roles[role].some((own) => includes(own, scope));

// Does a key with this scope reach a route that wants that one?
export function includes(scope, wanted) {
    return !wanted || scope === 'admin' || scope === wanted || scope === wanted.replace(':read', ':write');
}

// The paths, each once, with the methods they know.
export function paths() {
    const found = new Map();
    for (const { method, path } of routes) {
        const methods = found.get(path) ?? new Set(['OPTIONS']);
        methods.add(method);
        if (method === 'GET') methods.add('HEAD');
        found.set(path, methods);
    }
    return found;
}

// A path or body with ids in the place of ":msn" and the like.
export function fill(template, ids) {
    if (template === undefined) return undefined;
    const text = typeof template === 'string' ? template : JSON.stringify(template);
    return text.replace(/:([a-z]{3})\b/g, (_, kind) => ids[kind]);
}

// Well-formed, and nobody's.
export const nobodysIds = {
    msn: 'msn_0000000000000001',
    cnt: 'cnt_0000000000000001',
    key: 'key_0000000000000001',
    usr: 'usr_0000000000000001',
    inv: 'inv_0000000000000001',
    job: 'job_0000000000000001',
    brc: 'brc_0000000000000001',
    whk: 'whk_0000000000000001',
    dlv: 'dlv_0000000000000001',
};
