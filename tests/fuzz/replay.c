/* replay.c: shows a target each file of its corpus, once, and reports as TAP. `make check` links
 * the targets with this main(), `make fuzz` with libFuzzer's. With arguments: those files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

enum { PATH_SIZE = 4096 };

/* In a buffer that has exactly the size of the file, so that AddressSanitizer sees what reads on.
 */
static void show(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert(file);
    uint8_t *room = malloc(INPUT_MAX), *data;
    assert(room);
    size_t n = fread(room, 1, INPUT_MAX, file);
    assert(!ferror(file));
    (void)fclose(file);
    data = malloc(n ? n : 1);
    assert(data);
    memcpy(data, room, n);
    free(room);
    (void)LLVMFuzzerTestOneInput(data, n);
    free(data);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The corpus of the program fuzz_NAME is tests/fuzz/corpus/NAME. */
static int show_corpus(const char *program)
{
    const char *source = getenv("srcdir"), *name = strrchr(program, '/');
    char directory[PATH_SIZE / 2], path[PATH_SIZE];
    struct dirent **files = NULL;
    name = strstr(name ? name : program, "fuzz_");
    assert(name);
    snprintf(directory, sizeof directory, "%s/tests/fuzz/corpus/%s", source ? source : ".",
             name + strlen("fuzz_"));
    int n = scandir(directory, &files, is_visible, alphasort);
    if (n <= 0) {
        printf("Bail out! %s holds nothing\n", directory);
        return 1;
    }
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i]->d_name);
        show(path);
        printf("ok %d - %s\n", i + 1, files[i]->d_name);
        (void)fflush(stdout);
        free(files[i]);
    }
    free(files);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return show_corpus(argv[0]);
    for (int i = 1; i < argc; i++)
        show(argv[i]);
    return 0;
}
