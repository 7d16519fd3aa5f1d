// Lengths as the networks count them, held against code of others: X's own library twitter-text, and
// the grapheme clusters of the Unicode tables that come with Node (Intl.Segmenter).
import assert from 'node:assert/strict';
import test from 'node:test';
import twitter from 'twitter-text';
import { newTenant, succeeds } from '../harness/client.mjs';
import { writtenMission } from '../harness/missions.mjs';

const links = [
    'https://example.com',
    'http://example.com/',
    'HTTP://EXAMPLE.COM/A',
    'https://example.com/a/very/long/path?with=a&long=query#and-fragment',
    'https://example.com:8080/x',
    'https://example.com?x=1',
    'https://example.com#fragment',
    'https://example.com/a(b)c',
    'https://example.com/film_(1982)',
    'https://example.com/(unclosed',
    'https://example.com/album_(live_(1999))',
    'https://example.com/menu.',
    'https://example.com/menu?',
    'https://example.com/@user/x',
    'https://example.com/über',
    'https://example.com/привет',
    'https://example.com/日本',
    'https://example.com/a?q=a.',
    'https://a_b.example.com/x',
    'https://münchen.de/a',
    'https://例え.jp/x',
    'https://例え.中国/x',
    'https://xn--mnchen-3ya.de',
    'https://localhost/x',
    'http://127.0.0.1/x',
    'https://user:secret@example.com/',
    'ftp://example.com',
    'example.com',
    'EXAMPLE.COM/Path',
    'www.example.co.uk',
    'example.de/menu',
    'amp.io',
    'README.md',
    'Node.js',
    'münchen.de',
    'münchen.de/x',
    '例え.jp',
    'example.中国',
    'example.museum',
    'example.photography/gallery',
    'example.invalid',
    'I.am',
    'e.g. this.is',
    'i.e. that',
    'etc...and so on',
    '3.14',
    'v1.2.3',
    'a.b.c.example.org/x?y',
    'example.com.',
    'example.com-',
    'example.com@x',
    'me@example.com',
    '_example.com',
    '-example.com',
    '/example.com',
    '#example.com',
    '$example.com',
    '@example.com',
    'foo.xn--p1ai',
    '中文example.com中文',
    'caféexample.com',
    'example.comé',
    '(https://example.com/x)',
    '"https://example.com/x"',
    'https://example.com,https://example.org',
    'see:example.com,example.org',
];
const emoji = [
    '😀',
    '👍🏽',
    '👩‍👩‍👧',
    '👩🏽‍🚀',
    '🏳️‍🌈',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '🇪🇸🇫🇷',
    '🇪',
    '1️⃣',
    '#️⃣',
    '*️⃣',
    '❤️',
    '❤',
    '☺︎',
    '©',
    '©️',
    '™',
    'ℹ️',
    '♟️',
    '〰️',
    '⌚',
    '🅰',
    '😀😀',
    '😀e\u0301',
];
const scripts = [
    'plain text',
    'café',
    'cafe\u0301',
    'e\u0323\u0302',
    '\u1100\u1161\u11A8',
    '漢字かな交じり文',
    'ｱｲｳ ＡＢＣ',
    'สวัสดี',
    'नमन',
    'مرحبا بالعالم',
    'שָׁלוֹם',
    '𝒳 𝕐',
    '“quoted” — dash … ‘x’',
    '€ £ ¥ ₹',
    'a\u00A0b\u2009c\u3000d',
    '\u200Bx\u200D',
    '\u202Ertl\u202C',
    'Zalgo: Z\u0351\u0343\u0342\u0313a\u0308',
];
const marks = [
    'a\r\nb',
    'a\n\nb',
    'a\rb',
    '@ada',
    '@ada@example.social',
    'hi @ada, #tag $CASH',
    '#DevTools',
    '.@ada: x',
    'a'.repeat(280),
    'a'.repeat(281),
    '漢'.repeat(140),
    '漢'.repeat(140) + 'a',
    '😀'.repeat(140),
    `${'a'.repeat(256)} https://example.com/x`,
    `${'a'.repeat(257)} https://example.com/x`,
];
// What the library counts otherwise, and why AMP does not: docs/content.md.
const others = [
    { text: '🐦‍🔥', ours: 2, theirs: 5 }, // newer than the library's list of emoji
    { text: '🧑🏻‍🤝‍🧑🏿', ours: 2, theirs: 8 },
    { text: 'https://t.co/abcdefghi/x', ours: 23, theirs: 25 }, // X's own short links
    { text: 'a_b.example.com', ours: 15, theirs: 25 }, // no scheme, and no valid host name
];

const texts = [...links, ...emoji, ...scripts, ...marks];

// The same pieces strung together; the numbers are always the same.
function strings(count) {
    const pieces = [...links, ...emoji, ...scripts];
    let state = 1;
    const below = (n) => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) % n;
    };
    const joints = [' ', '\n', ', ', '. ', ' (', '; ', ' … '];
    const one = () => {
        let text = '';
        for (let i = 0; i < 6; i++) text += pieces[below(pieces.length)] + joints[below(joints.length)];
        return `${text}.`;
    };
    return Array.from({ length: count }, one);
}

// What AMP counts. A text that is refused names its length in the reason.
async function counted(api, content, text) {
    const copy = { ...content.copy, primary: text, thread_parts: [], hashtags: [], hook: null };
    const answer = await api.put(`/content/${content.id}`, { copy });
    if (answer.status === 422) {
        const { message } = answer.body.error;
        return { used: Number(/(\d+) (?:weighted|graphemes)/.exec(message)?.[1]), valid: false, message };
    }
    succeeds(answer);
    const preview = succeeds(await api.get(`/content/${content.id}/preview`));
    return { used: preview.length.used, valid: preview.valid };
}

async function contentOn(platform) {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, { platforms: [platform] });
    return { api, content: content.find((c) => c.type === 'post') };
}

async function differences(platform, theirs, all) {
    const { api, content } = await contentOn(platform);
    const found = [];
    for (const text of all) {
        const { used, valid } = await counted(api, content, text);
        const other = theirs(text);
        if (used !== other.used || valid !== other.valid)
            found.push({ text, ours: used, theirs: other.used });
    }
    return found;
}

function byTwitterText(text) {
    const { weightedLength, valid } = twitter.parseTweet(text);
    return { used: weightedLength, valid };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
function bySegmenter(text) {
    const used = [...segmenter.segment(text)].length;
    return { used, valid: used <= 300 };
}

test('a text is as long as the library of X says', async () => {
    assert.deepEqual(await differences('twitter', byTwitterText, [...texts, ...strings(150)]), []);
    const known = others.map((one) => one.text);
    assert.deepEqual(await differences('twitter', byTwitterText, known), others);
});

test('what X refuses for an invisible character is refused before', async () => {
    const { api, content } = await contentOn('twitter');
    for (const text of ['a\uFEFFb', 'a\uFFFFb']) {
        assert.equal(twitter.parseTweet(text).valid, false);
        assert.match((await counted(api, content, text)).message, /invisible character/);
    }
});

test('a text has as many graphemes as Unicode says', async () => {
    assert.deepEqual(await differences('bluesky', bySegmenter, [...texts, ...strings(150)]), []);
});
