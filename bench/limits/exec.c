/* exec SOCKET COUNT: the median time of running /bin/true, in microseconds, asking for its end without a pause. */
#include "client.h"

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    connect_to(argv[1]);
    const char *start =
        "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/true\",\"capture-output\":true}}";
    int count = atoi(argv[2]);
    double *times = malloc(count * sizeof *times);
    for (int i = -count / 10; i < count; i++) {
        double begun = micros();
        long pid = number(ask(start, strlen(start)), "\"pid\"");
        char status[200];
        int length = snprintf(status, sizeof status,
                              "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%ld}}", pid);
        while (!strstr(ask(status, length), "\"exited\": true")) {}
        if (i >= 0) times[i] = micros() - begun;
    }
    print_median(times, count);
    return 0;
}
