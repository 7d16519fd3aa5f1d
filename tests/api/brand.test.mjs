// Brand contexts: described, listed, changed, deleted, and named by missions.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sql, succeeds } from '../harness/client.mjs';
import { makeMission, refusesBadPages, smallest, walk } from '../harness/missions.mjs';

const { test: api } = newTenant();
const make = async (wishes) => succeeds(await api.post('/brand-contexts', { name: 'Acme', ...wishes }), 201);
const draft = (brand) => makeMission(api, { status: 'draft', brand_context_id: brand.id });

const full = {
    name: 'Acme',
    voice: 'An engineer who explains to engineers',
    tone: 'friendly, direct',
    audience: 'backend developers',
    topics: [
        { name: 'API design', weight: 3 },
        { name: 'observability', weight: 1 },
    ],
    preferred_words: ['simple'],
    banned_words: ['cheap'],
    links: [{ url: 'https://example.com/docs', label: 'Documentation', required: true }],
    hashtags: ['#AcmeAPI', '#Größe'],
    examples: ['One header. No SDK.'],
};

test('a brand context needs a name only, and all the rest is empty', async () => {
    const { id, created_at, updated_at, ...rest } = await make();
    assert.match(id, /^brc_[0-9A-Za-z]{16}$/);
    assert.equal(created_at, updated_at);
    assert.deepEqual(rest, {
        name: 'Acme',
        voice: null,
        tone: null,
        audience: null,
        topics: [],
        preferred_words: [],
        banned_words: [],
        links: [],
        hashtags: [],
        examples: [],
        livemode: false,
    });
});

test('everything that was said comes back, and a change changes nothing else', async () => {
    const brand = await make(full);
    const { id, livemode, created_at, updated_at, ...said } = brand;
    assert.deepEqual(said, full);
    assert.deepEqual(succeeds(await api.get(`/brand-contexts/${id}`)), brand);
    const changed = succeeds(await api.put(`/brand-contexts/${id}`, { tone: null, banned_words: ['guru'] }));
    assert.deepEqual(changed, { ...brand, tone: null, banned_words: ['guru'], updated_at: changed.updated_at });
});

test('what contradicts the limits is refused by name', async () => {
    const link = (wishes) => ({ links: [{ url: 'https://example.com', ...wishes }] });
    const cases = [
        [{ name: ' ' }, 'name'],
        [{ colour: 'red' }, 'colour'],
        [{ topics: [{ name: 'x', weight: 0 }] }, 'topics[0].weight'],
        [{ topics: [{ weight: 1 }] }, 'topics[0].name'],
        [{ hashtags: ['Acme'] }, 'hashtags[0]'],
        [{ hashtags: ['#Acme API'] }, 'hashtags[0]'],
        [{ hashtags: ['#a', '#a'] }, 'hashtags[1]'],
        [link({ url: 'javascript:alert(1)' }), 'links[0].url'],
        [link({ required: 'yes' }), 'links[0].required'],
        [{ links: [1, 2, 3].map((n) => ({ url: `https://example.com/${n}`, required: true })) }, 'links'],
        [{ banned_words: [''] }, 'banned_words[0]'],
    ];
    for (const [wishes, param] of cases)
        failsWith(await api.post('/brand-contexts', { ...full, ...wishes }), 400, 'invalid_request', param);
    const { id } = await make();
    for (const [wishes, param] of cases)
        failsWith(await api.put(`/brand-contexts/${id}`, wishes), 400, 'invalid_request', param);
});

test('a change made in ignorance of another is refused', async () => {
    const answer = await api.post('/brand-contexts', { name: 'Tagged' });
    const path = `/brand-contexts/${answer.body.id}`;
    const tag = { 'If-Match': answer.headers.get('etag') };
    succeeds(await api.put(path, { voice: 'First' }, tag));
    failsWith(await api.put(path, { voice: 'Second' }, tag), 412, 'precondition_failed', 'If-Match');
    failsWith(await api.del(path, tag), 412, 'precondition_failed', 'If-Match');
});

test('the list is walked from one end to the other', async () => {
    const { test: own } = newTenant();
    const made = [];
    for (let i = 0; i < 5; i++) made.push(succeeds(await own.post('/brand-contexts', { name: `${i}` }), 201).id);
    const seen = await walk(own, '/brand-contexts', 2);
    assert.deepEqual(seen.map((x) => x.id), made.reverse());
    await refusesBadPages(own, '/brand-contexts', made[0]);
});

test('a mission names a brand context that is there', async () => {
    const { live } = newTenant();
    const brand = await make();
    assert.equal((await draft(brand)).brand_context_id, brand.id);
    const nobodys = { ...smallest, brand_context_id: 'brc_0000000000000001' };
    failsWith(await api.post('/missions', nobodys), 422, 'validation_failed', 'brand_context_id');
    const foreign = { ...smallest, brand_context_id: brand.id };
    failsWith(await live.post('/missions', foreign), 422, 'validation_failed', 'brand_context_id');
    const mission = await makeMission(api, { status: 'draft' });
    const path = `/missions/${mission.id}`;
    failsWith(await api.put(path, { brand_context_id: nobodys.brand_context_id }), 422, 'validation_failed',
        'brand_context_id');
    assert.equal(succeeds(await api.put(path, { brand_context_id: brand.id })).brand_context_id, brand.id);
});

test('a brand context that a mission may still write for is not deleted', async () => {
    const brand = await make();
    const path = `/brand-contexts/${brand.id}`;
    const mission = await draft(brand);
    failsWith(await api.del(path), 409, 'invalid_state');
    succeeds(await api.put(`/missions/${mission.id}`, { brand_context_id: null }));
    assert.equal((await api.del(path)).status, 204);
    failsWith(await api.get(path), 404, 'not_found');
    failsWith(await api.del(path), 404, 'not_found');
});

test('a deleted mission holds no brand context', async () => {
    const brand = await make();
    const mission = await draft(brand);
    assert.equal((await api.del(`/missions/${mission.id}`)).status, 204);
    assert.equal((await api.del(`/brand-contexts/${brand.id}`)).status, 204);
});

test('of a mission and the deletion of its brand context at once, one wins', async () => {
    const rounds = 8;
    for (let i = 0; i < rounds; i++) {
        const brand = await make();
        const [made, deleted] = await Promise.all([
            api.post('/missions', { ...smallest, status: 'draft', brand_context_id: brand.id }),
            api.del(`/brand-contexts/${brand.id}`),
        ]);
        assert.ok(
            (made.status === 201 && deleted.status === 409) || (made.status === 422 && deleted.status === 204),
            `${made.status} ${deleted.status}`,
        );
    }
    const dangling = sql(
        'SELECT m.id FROM mission m LEFT JOIN brand_context b USING (tenant_id, livemode) ' +
            'WHERE m.brand_context_id IS NOT NULL AND m.status < 4 AND b.id IS NULL',
    );
    assert.deepEqual(dangling, []);
});
