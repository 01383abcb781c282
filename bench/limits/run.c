/* run REPORT PROGRAM ARGUMENT...: runs a program and writes to the file REPORT what it cost:
 * wall, user and system time in microseconds, and the peak of its resident memory in KiB.
 * The times are those of the program and of all its children that it waited for; the peak is that of the largest of them.
 * Its exit status is the program's. A program this small adds next to nothing to the peak of the one it starts. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long micros(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: run REPORT PROGRAM ARGUMENT...\n");
        return 125;
    }
    long long begun = now();
    pid_t child;
    int error = posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ);
    if (error != 0) {
        fprintf(stderr, "%s does not start (%d)\n", argv[2], error);
        return 127;
    }
    int status;
    struct rusage cost;
    if (wait4(child, &status, 0, &cost) < 0) {
        perror("wait4");
        return 126;
    }
    long long wall = now() - begun;
    FILE *report = fopen(argv[1], "w");
    if (!report) {
        perror(argv[1]);
        return 126;
    }
    fprintf(report, "%lld %lld %lld %ld\n", wall, micros(cost.ru_utime), micros(cost.ru_stime), cost.ru_maxrss);
    if (fclose(report) != 0) {
        perror(argv[1]);
        return 126;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
