/* address.c: which addresses belong to the public internet. Knows ranges; opens no connection. */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

struct range4 {
    uint32_t first;
    int bits;
};

/* What is not public in IPv4. */
static const struct range4 special4[] = {
    {0x00000000, 8},  /* 0.0.0.0/8 "this network" */
    {0x0A000000, 8},  /* 10.0.0.0/8 private */
    {0x64400000, 10}, /* 100.64.0.0/10 shared by carriers */
    {0x7F000000, 8},  /* 127.0.0.0/8 loopback */
    {0xA9FE0000, 16}, /* 169.254.0.0/16 link-local, and the clouds' metadata */
    {0xAC100000, 12}, /* 172.16.0.0/12 private */
    {0xC0000000, 24}, /* 192.0.0.0/24 protocol assignments */
    {0xC0000200, 24}, /* 192.0.2.0/24 documentation */
    {0xC0586300, 24}, /* 192.88.99.0/24 6to4 relays */
    {0xC0A80000, 16}, /* 192.168.0.0/16 private */
    {0xC6120000, 15}, /* 198.18.0.0/15 benchmarks */
    {0xC6336400, 24}, /* 198.51.100.0/24 documentation */
    {0xCB007100, 24}, /* 203.0.113.0/24 documentation */
    {0xE0000000, 3},  /* 224.0.0.0/3 multicast, reserved, broadcast */
};

struct range6 {
    unsigned char first[16];
    int bits;
    bool public; /* else special */
    int v4_at;   /* byte where an IPv4 address begins that decides; 0: none */
};

/* The first range that holds the address decides; what no range holds is not public. */
static const struct range6 ranges6[] = {
    {{[10] = 0xFF, [11] = 0xFF}, 96, false, 12}, /* ::ffff:0:0/96 mapped */
    {{0x00, 0x64, 0xFF, 0x9B}, 96, false, 12},   /* 64:ff9b::/96 NAT64 */
    {{0x20, 0x02}, 16, false, 2},                /* 2002::/16 6to4 */
    {{0x20, 0x01, 0x00}, 23, false, 0},          /* 2001::/23 assignments, Teredo */
    {{0x20, 0x01, 0x0D, 0xB8}, 32, false, 0},    /* 2001:db8::/32 documentation */
    {{0x3F, 0xFF}, 20, false, 0},                /* 3fff::/20 documentation */
    {{0x20}, 3, true, 0},                        /* 2000::/3 global unicast */
};

static bool public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
        if ((address ^ special4[i].first) >> (32 - special4[i].bits) == 0)
            return false;
    return true;
}

static bool begins6(const unsigned char *address, const struct range6 *range)
{
    int whole = range->bits / 8, rest = range->bits % 8;
    if (memcmp(address, range->first, (size_t)whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ range->first[whole]) >> (8 - rest) == 0;
}

static bool public6(const unsigned char *address)
{
    for (size_t i = 0; i < sizeof ranges6 / sizeof *ranges6; i++) {
        const struct range6 *range = &ranges6[i];
        if (!begins6(address, range))
            continue;
        const unsigned char *v4 = address + range->v4_at;
        if (range->v4_at > 0)
            return public4((uint32_t)v4[0] << 24 | (uint32_t)v4[1] << 16 | (uint32_t)v4[2] << 8 |
                           v4[3]);
        return range->public;
    }
    return false;
}

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return public4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return public6(v6.sin6_addr.s6_addr);
    }
    return false;
}

bool address_text_is_public(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1)
        return public4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, text, &v6) == 1)
        return public6(v6.s6_addr);
    return false;
}
