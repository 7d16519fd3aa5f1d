/* loop.c: sends one request again and again over one connection, as a plain program with libcurl
 * does: what publishing is measured against. It knows nothing of AMP.
 *   loop URL TOKEN COUNT <BODY    prints how many it sent a second */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODY_MAX = 64 << 10, HEADER_MAX = 256 };

static size_t discard(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * n;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static CURL *prepare(const char *url, const char *token, char *body, size_t n)
{
    static char header[HEADER_MAX];
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL *curl = curl_easy_init();
    if (!curl || snprintf(header, sizeof header, "X-Mc-Auth: %s", token) >= HEADER_MAX)
        return NULL;
    headers = curl_slist_append(headers, header);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)n);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    return curl;
}

int main(int argc, char **argv)
{
    static char body[BODY_MAX];
    size_t n = fread(body, 1, sizeof body, stdin);
    long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    CURL *curl = count > 0 && n > 0 && n < sizeof body ? prepare(argv[1], argv[2], body, n) : NULL;
    double began_s = now_s();
    if (!curl)
        return 2;
    for (long i = 0; i < count; i++) {
        CURLcode rc = curl_easy_perform(curl);
        if (rc != CURLE_OK) {
            fprintf(stderr, "loop: %s\n", curl_easy_strerror(rc));
            return 1;
        }
    }
    printf("%.1f\n", (double)count / (now_s() - began_s));
    curl_easy_cleanup(curl);
    return 0;
}
