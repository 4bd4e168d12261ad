/* <lair/plugin.h> is C99 and needs nothing before it. */
#include <lair/plugin.h>

typedef char lair_action_has_the_frozen_size[sizeof(lair_action) == 16 ? 1 : -1];

int lair_header_c99(const lair_observation *seen) { return (int)seen->host_count; }
