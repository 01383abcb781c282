/* files SOCKET out|in GUEST-PATH LOCAL-PATH CHUNK: copies a file, one request at a time, and writes to a file what it decodes.
 * The requests are made and the replies read by hand, base64 by a table. */
#include "client.h"
#include <fcntl.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static unsigned char value[256];

static size_t decode(const unsigned char *text, unsigned char *bytes) {
    unsigned char *at = bytes;
    for (; text[0] != '"'; text += 4, at += 3) {
        unsigned v = value[text[0]] << 18 | value[text[1]] << 12 | value[text[2]] << 6 | value[text[3]];
        at[0] = v >> 16;
        at[1] = v >> 8;
        at[2] = v;
    }
    return at - bytes - (text[-1] == '=') - (text[-2] == '=');
}

static char *encode(const unsigned char *bytes, size_t count, char *text) {
    for (; count >= 3; bytes += 3, count -= 3) {
        unsigned v = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
        *text++ = ALPHABET[v >> 18];
        *text++ = ALPHABET[v >> 12 & 63];
        *text++ = ALPHABET[v >> 6 & 63];
        *text++ = ALPHABET[v & 63];
    }
    if (count > 0) {
        unsigned v = bytes[0] << 16 | (count > 1 ? bytes[1] << 8 : 0);
        *text++ = ALPHABET[v >> 18];
        *text++ = ALPHABET[v >> 12 & 63];
        *text++ = count > 1 ? ALPHABET[v >> 6 & 63] : '=';
        *text++ = '=';
    }
    return text;
}

static void copy_out(long handle, int local, size_t chunk) {
    char request[200];
    int length = snprintf(request, sizeof request,
                          "{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":%ld,\"count\":%zu}}", handle, chunk);
    unsigned char *bytes = malloc(chunk + 3);
    for (;;) {
        char *reply = ask(request, length);
        char *text = strstr(reply, "\"buf-b64\": \"");
        if (!text) fail("no bytes");
        size_t count = decode((unsigned char *)text + 12, bytes);
        if (count > 0 && write(local, bytes, count) != (ssize_t)count) fail("write");
        if (count < chunk) return;
    }
}

static void copy_in(long handle, int local, size_t chunk) {
    unsigned char *bytes = malloc(chunk);
    char *request = malloc(chunk / 3 * 4 + 300);
    int head = sprintf(request, "{\"execute\":\"guest-file-write\",\"arguments\":{\"handle\":%ld,\"buf-b64\":\"", handle);
    for (;;) {
        ssize_t count = read(local, bytes, chunk);
        if (count < 0) fail("read");
        if (count == 0) return;
        char *end = encode(bytes, count, request + head);
        memcpy(end, "\"}}", 3);
        if (number(ask(request, end + 3 - request), "\"count\"") != count) fail("short write");
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    for (int i = 0; i < 64; i++) value[(unsigned char)ALPHABET[i]] = i;
    int out = !strcmp(argv[2], "out");
    int local = out ? open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0600) : open(argv[4], O_RDONLY);
    if (local < 0) fail(argv[4]);
    connect_to(argv[1]);
    double begun = micros();
    char request[5000];
    int length = snprintf(request, sizeof request,
                          "{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"%s\",\"mode\":\"%s\"}}", argv[3], out ? "r" : "w");
    long handle = number(ask(request, length), "\"return\"");
    (out ? copy_out : copy_in)(handle, local, strtoul(argv[5], NULL, 10));
    length = snprintf(request, sizeof request, "{\"execute\":\"guest-file-close\",\"arguments\":{\"handle\":%ld}}", handle);
    ask(request, length);
    printf("%.3f\n", micros() - begun);
    return 0;
}
