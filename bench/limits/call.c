/* call SOCKET COMMAND COUNT: the median round trip of a request, in microseconds. A request is ready made, a reply is looked at
 * as far as its end: nothing can do with less. */
#include "client.h"

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    connect_to(argv[1]);
    char request[200];
    int length = snprintf(request, sizeof request, "{\"execute\":\"%s\"}", argv[2]);
    int count = atoi(argv[3]);
    double *times = malloc(count * sizeof *times);
    for (int i = -count / 10; i < count; i++) {
        double begun = micros();
        ask(request, length);
        if (i >= 0) times[i] = micros() - begun;
    }
    print_median(times, count);
    return 0;
}
