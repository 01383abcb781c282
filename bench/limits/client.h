/* What the clients in C have in common: a socket, lines, and the clock. They trust the agent, and end at the first fault. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int agent;
static char *input;
static size_t filled, room;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    agent = socket(AF_UNIX, SOCK_STREAM, 0);
    if (agent < 0 || connect(agent, (struct sockaddr *)&address, sizeof address) < 0) fail(path);
    room = 1 << 16;
    input = malloc(room);
}

static void send_all(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(agent, bytes, count);
        if (sent <= 0) fail("write");
        bytes += sent;
        count -= sent;
    }
}

/* The next line, ended by a NUL. No more than one is ever due. */
static char *line(void) {
    filled = 0;
    for (;;) {
        if (room - filled < 2) input = realloc(input, room *= 2);
        ssize_t got = read(agent, input + filled, room - filled - 1);
        if (got <= 0) fail("read");
        filled += got;
        if (input[filled - 1] == '\n') {
            input[filled] = 0;
            return input;
        }
    }
}

static char *ask(const char *request, size_t length) {
    send_all(request, length);
    return line();
}

/* The number that a member of a reply has. */
static long number(const char *reply, const char *member) {
    const char *at = strstr(reply, member);
    if (!at) {
        fprintf(stderr, "no %s in %.200s\n", member, reply);
        exit(1);
    }
    return strtol(at + strlen(member) + strspn(at + strlen(member), "\": "), NULL, 10);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of times, as the other clients print it. */
static void print_median(double *times, int count) {
    qsort(times, count, sizeof *times, by_value);
    printf("%.3f\n", times[count / 2]);
}
