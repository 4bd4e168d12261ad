/* The boundary between Lair and a policy: plain C99, versioned, self-contained.
 *
 * Built-in and plugged-in policies see the same structures. Nothing but what stands here crosses a
 * shared library's border: no exception, no C++ type, no allocator. Policy authors write C++
 * against <lair/policy.hpp>, which turns one class and one macro into the symbols that this file
 * describes.
 *
 * Growth: every structure begins with its own size in bytes as the *writer* knew it; a reader uses
 * a field only if it lies inside that size. Arrays of structures carry a stride for the same
 * reason. Fields are only ever appended within a major version.
 *
 * Memory: what Lair passes in is valid until the called function returns. What a policy passes out
 * must stay valid until the next call on the same policy object (or its destroy).
 *
 * Units: seconds, bytes, flops, shares in [0, 1]. Ids are indices that do not change during a run.
 */
#ifndef LAIR_PLUGIN_H
#define LAIR_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LAIR_ABI_MAJOR 1 /* a plugin of another major is refused */
#define LAIR_ABI_MINOR 2 /* a plugin of a higher minor is refused, of a lower one accepted */
#define LAIR_NONE 0xffffffffu

/* Columns of a host's state x_t, each the mean over one interval (model: "Observation"). */
enum lair_metric {
  LAIR_CPU = 0,          /* share of all cores in use, 0..1 */
  LAIR_CPU_PRESSURE = 1, /* runnable threads per core, >= 0 */
  LAIR_RAM = 2,          /* share of RAM in use, 0..1 */
  LAIR_SWAP = 3,         /* share of swap in use, 0..1 */
  LAIR_DISK_READ = 4,    /* bytes per second */
  LAIR_DISK_WRITE = 5,   /* bytes per second */
  LAIR_NET_IN = 6,       /* bytes per second */
  LAIR_NET_OUT = 7,      /* bytes per second */
  LAIR_IO_WAIT = 8,      /* threads waiting for the disk, >= 0 */
  LAIR_ALIVE = 9,        /* share of the interval the host was on; never a detector's input */
  LAIR_METRICS = 10
};

enum lair_role { LAIR_ROLE_SCHEDULER = 1, LAIR_ROLE_DETECTOR = 2, LAIR_ROLE_REMEDIATOR = 4 };

enum lair_host_flag {
  LAIR_HOST_OWN = 1,    /* of the observing broker's LEI: state is fresh */
  LAIR_HOST_ALIVE = 2,  /* answered its last probe, as far as the observer knows */
  LAIR_HOST_BROKER = 4, /* is a broker now */
  LAIR_HOST_KNOWN = 8,  /* some state of it was ever received; else `window` is null */
  LAIR_HOST_NO_TASKS = 16 /* a broker in a federation whose brokers run no tasks */
};

enum lair_task_state {
  LAIR_TASK_QUEUED = 0,   /* waits at its entry LEI for a place; host is LAIR_NONE */
  LAIR_TASK_STARTING = 1, /* image or input on its way to the host */
  LAIR_TASK_RUNNING = 2,
  LAIR_TASK_MIGRATING = 3, /* stands still, on its way from host to target; while the target has not
                              the image yet it still computes on its host */
  LAIR_TASK_RETURNING = 4  /* computed; the result is on its way to the gateway */
};

enum lair_action_kind {
  LAIR_PLACE = 1,  /* start a queued task on `host` */
  LAIR_MIGRATE = 2, /* checkpoint a running task, transfer it, resume it on `host`. Of a task with
                       copies: the first own one that runs */
  /* Since 1.2, for remediators; docs/model.md, "Copies, checkpoints, votes". A broker may ask for
   * them for every task that stands in its observation. */
  LAIR_REPLICATE = 3,  /* a further copy on `host`, beside those there are; places a queued task */
  LAIR_CANCEL = 4,     /* ends the copy on `host`; the last one is refused */
  LAIR_CHECKPOINT = 5, /* keeps the input on `host` and commits the progress to it every `value`
                          seconds from now on; 0: once, now */
  LAIR_VOTE = 6        /* finished when `value` hosts have delivered equal results; `host` does not
                          matter */
};

#define LAIR_TASK_STORES 4 /* hosts that hold a checkpoint of one task, at most */

/* Threads, bytes and streams on a host that no known task explains (an attack, another program). Of
 * a peer's host as in its report; 0 if that tells no tasks. */
typedef struct lair_unexplained {
  double threads; /* runnable threads */
  double ram;     /* bytes */
  double streams; /* outstanding disk requests */
} lair_unexplained;

typedef struct lair_host {
  uint32_t id;
  uint32_t lei;    /* LEI it belongs to now */
  uint32_t broker; /* host id of that LEI's broker, or LAIR_NONE while it has none */
  uint32_t flags;  /* lair_host_flag */
  uint32_t cores;
  uint32_t image_cached; /* 1 if the container image is on its card */
  const char *name;
  double core_flops; /* flop/s of one core */
  double ram, swap;  /* bytes */
  double disk_read, disk_write; /* bytes/s of one stream alone */
  double disk_random_read, disk_random_write; /* the same */
  double nic;                                                        /* bytes/s each way */
  double age;           /* seconds since the state in `window` was taken; 0 for own hosts */
  const double *window; /* window_length x LAIR_METRICS, oldest first; null if never known */
  double ram_system;    /* bytes the base system, daemon and policy occupy */
  double ram_need; /* bytes all residents want now (own hosts), at the report's time (others) */
  lair_unexplained unexplained;
  double power_max; /* since 1.1: watts at full CPU; 0 if not known */
} lair_host;

typedef struct lair_application {
  const char *name;
  double images;           /* inferences of one task */
  double flops_per_image;  /* after efficiency: what one image costs on the modelled cores */
  double bytes_per_image;  /* read from the card for each image */
  double weights, activations; /* bytes; re-read per image in proportion to the swapped share */
  double resident;         /* bytes of RAM while it runs */
  double input, result;    /* bytes over the gateway */
  double image_size, image_transfer; /* container image: bytes on the card, bytes on the wire */
  double deadline;         /* SLO: seconds from arrival to result; infinity if none */
  uint32_t threads;
  uint32_t reserved;
} lair_application;

typedef struct lair_task {
  uint64_t id;
  uint32_t application; /* index into the observation's applications */
  uint32_t host;        /* where it is now; LAIR_NONE while queued */
  uint32_t target;      /* where it migrates to; else LAIR_NONE */
  uint32_t entry_lei;
  uint32_t state;    /* lair_task_state */
  uint32_t restarts; /* times it lost its work */
  double age;        /* seconds since arrival */
  double deadline;   /* seconds from arrival; infinity if none */
  double images_done, images_left; /* left is the profile's estimate */
  double resident;                 /* bytes */
  /* Since 1.2. Copies are rows with the same id, each with its own host, target, state, images; a task
   * with copies, a quorum or a checkpoint is shown, with all rows that can be reached, to its entry
   * LEI and to every LEI that has a copy. */
  uint32_t copy;    /* 0: the primary; the others in the order in which they were started */
  uint32_t copies;  /* that there are now, wherever; 0 while it is queued */
  uint32_t quorum;  /* equal results it needs; 1: the first one ends it */
  uint32_t digests; /* results delivered so far, which did not suffice */
  uint32_t digests_equal; /* the most of them that are equal, each of another host */
  uint32_t store_count;   /* in stores */
  uint32_t stores[LAIR_TASK_STORES]; /* hosts that were asked to keep a checkpoint; else LAIR_NONE */
  double images_committed; /* in the newest checkpoint that holds the input too; 0 without one */
} lair_task;

typedef struct lair_lei {
  uint32_t id;
  uint32_t broker; /* host id or LAIR_NONE */
  uint32_t hosts;  /* how many hosts belong to it now */
  uint32_t alive;  /* 1 if its broker answered the last probe */
  double wan_bandwidth; /* bytes/s of its access link */
  double wan_latency;   /* seconds one way from its gateway into the WAN */
} lair_lei;

/* What a detector says of the hosts of its own LEI. Row i speaks of `hosts[i]`. */
typedef struct lair_detection {
  uint32_t size;
  uint32_t count;           /* rows */
  const uint32_t *hosts;    /* host ids */
  const double *scores;     /* higher = more anomalous */
  const double *thresholds; /* label is 1 where score >= it, unless the detector says otherwise */
  const uint8_t *labels;    /* 0 or 1 */
  const double *expected;   /* count x LAIR_METRICS expected state of the next interval, or null */
  /* Since 1.1. `scale`, count x LAIR_METRICS: a forecast state is anomalous if the norm over the
   * metrics of max(0, state - expected) * scale reaches the threshold, so that others can judge it
   * again. The score is that norm too, unless the detector says otherwise. 0 where a metric does
   * not count. Null: no norm tells. Needs `expected`. */
  const double *scale;
  uint32_t ahead;     /* how many further intervals follow in ahead_expected */
  uint32_t reserved2;
  const double *ahead_expected; /* ahead x count x LAIR_METRICS, or null */
} lair_detection;

/* What another broker last sent. Its hosts stand among the observation's with the same age. */
typedef struct lair_report {
  uint32_t size;
  uint32_t lei;
  double age; /* seconds; larger than one interval if this interval's is missing */
  const lair_detection *detection; /* null if the sender has no detector */
  /* Since 1.1: the sender's tasks when it sent the report; ages are of that time. A queued one's
   * `target` is where its broker places it in this interval (LAIR_NONE: nowhere). Stride 0: the
   * sender tells no tasks. */
  uint32_t task_count, task_stride;
  const lair_task *tasks;
} lair_report;

enum lair_event_kind {
  LAIR_EVENT_HOST_LOST = 1,     /* an own host stopped answering */
  LAIR_EVENT_HOST_BACK = 2,     /* it answers again */
  LAIR_EVENT_TASK_LOST = 3,     /* a task lost its host and waits again */
  LAIR_EVENT_ACTION_REFUSED = 4, /* an action of the last decision did not take effect */
  /* Since 1.2, told to the entry LEI of the task and to those of its copies. */
  LAIR_EVENT_COPY_LOST = 5,      /* the copy on `host` is lost, another one goes on */
  LAIR_EVENT_COPY_PROMOTED = 6,  /* the copy on `host` is the primary now, since that was lost */
  LAIR_EVENT_RESULT = 7,         /* of a task with copies or a quorum: that of `host` has arrived */
  LAIR_EVENT_DIGESTS_DIFFER = 8, /* that result differs from an earlier one, and no quorum is there */
  LAIR_EVENT_RESULT_REJECTED = 9 /* the task is finished, with another result than that of `host` */
};

typedef struct lair_observed_event {
  double time; /* seconds since the run began */
  uint32_t kind;
  uint32_t host; /* or LAIR_NONE */
  uint64_t task; /* or UINT64_MAX */
} lair_observed_event;

/* Everything one broker may know at the start of an interval. Hosts: own first, then by id. */
typedef struct lair_observation {
  uint32_t size;
  uint32_t interval; /* 0-based */
  double now;        /* seconds since the run began */
  double interval_length;
  uint32_t lei;    /* of the observing broker */
  uint32_t broker; /* host id of the observing broker */
  uint32_t window_length; /* states in each window; the first state is replicated at the start */
  uint32_t host_count, own_count;
  uint32_t host_stride; /* bytes from one lair_host to the next */
  const lair_host *hosts;
  uint32_t task_count, task_stride;
  const lair_task *tasks; /* of the own LEI, and those that migrate into it: queued first in arrival
                             order, then by id */
  uint32_t application_count, application_stride;
  const lair_application *applications;
  uint32_t lei_count, lei_stride;
  const lair_lei *leis;
  uint32_t report_count, report_stride;
  const lair_report *reports; /* of the peers; empty while sensing, filled when deciding */
  uint32_t event_count, event_stride;
  const lair_observed_event *events; /* since the last observation */
} lair_observation;

typedef struct lair_action {
  uint32_t kind; /* lair_action_kind */
  uint32_t host; /* target */
  uint64_t task;
} lair_action;

typedef struct lair_actions {
  uint32_t size;
  uint32_t count;
  const lair_action *actions;
  const double *values; /* since 1.2: `value` of each action; null: all are 0 */
} lair_actions;

/* The twin's forecast of the coming interval. */
typedef struct lair_forecast {
  uint32_t size;
  uint32_t finished;        /* tasks expected to end */
  double energy;            /* joules of the hosts known */
  double response;          /* mean response of tasks that end, seconds; 0 if none */
  double violations;        /* tasks late by the end of the interval */
  double migration_time;    /* seconds all migrations take together */
  const double *states;     /* host_count x LAIR_METRICS, rows as in the observation; may be null */
  /* Since 1.1: mean response of all tasks known, seconds: of those that end later as they go on at
   * their last rate, at most ten intervals from now, as of those without a place. 0 without tasks. */
  double outlook;
} lair_forecast;

typedef struct lair_twin lair_twin; /* a twin with an observation loaded; Lair's own */

/* The hosts that a change touches: rows of the observation's hosts, ascending, and their forecast
 * states under the change. Valid until the twin is called again. */
typedef struct lair_touched {
  uint32_t size;
  uint32_t count;
  const uint32_t *rows;
  const double *states; /* count x LAIR_METRICS */
} lair_touched;

/* What Lair lends to a policy. `context` is passed back unchanged. */
typedef struct lair_services {
  uint32_t size;
  uint32_t reserved;
  void *context;
  /* Uniform in [0, 1) from the run's policy stream: the only randomness a policy may use. */
  double (*uniform)(void *context);
  /* Work of the current call, charged to the broker as one thread. */
  void (*charge_flops)(void *context, double flops);
  /* Resident memory of the policy from now on, beyond the declared one. */
  void (*charge_memory)(void *context, double bytes);
  /* 0 debug (to notes.csv), 1 info, 2 warning; the same info or warning is shown once in a run. */
  void (*log)(void *context, int level, const char *message);
  /* Forecast of the interval under these actions. 0 ok. Copies that there are count as load, and a
   * task ends with its primary; of actions it takes places and migrations, and leaves others out. Valid during place, detect and decide;
   * out->states stays valid until the next forecast. */
  int (*forecast)(void *context, const lair_action *actions, uint32_t count, lair_forecast *out);
  /* Since 1.1; all five or none. A twin loaded with an observation that Lair passed in, or that
   * twin_advance gave; valid until the role's call returns. Loading again, and `forecast`, forget
   * what was loaded before. Null outside place, detect and decide. */
  lair_twin *(*twin)(void *context, const lair_observation *);
  /* Whole forecast; `actions` become the base decision (own tasks, and those of reports). 0 ok.
   * out->states stays valid until the base changes. */
  int (*twin_forecast)(lair_twin *, const lair_action *actions, uint32_t count, lair_forecast *out);
  /* The base with one change (host LAIR_NONE or where it is: no action for it), left open. Needs a
   * base and no other open change. out->states is null; `touched` may be null. 0 ok. */
  int (*twin_try)(lair_twin *, uint64_t task, uint32_t host, lair_forecast *out,
                  lair_touched *touched);
  int (*twin_close)(lair_twin *, int accept); /* accept: the change becomes the base. 0 ok */
  /* The next interval's start as it would be observed under the base decision: windows moved on by
   * the forecast states, tasks advanced, ended ones gone, migrations done, reports with the peers'
   * tasks likewise (their detections null), no arrival, no fault, no event. The twin is loaded with
   * it. Null without a base decision. Valid until the role's call returns; each advance gives a
   * further one. */
  const lair_observation *(*twin_advance)(lair_twin *);
} lair_services;

typedef struct lair_option {
  const char *name, *value;
} lair_option;

typedef struct lair_setup {
  uint32_t size;
  uint32_t option_count;
  const lair_option *options; /* from the scenario's policy.options, as text */
  uint32_t lei;               /* LEI of the broker this object will serve */
  uint32_t host_total;        /* hosts in the federation */
  const char *platform; /* since 1.1: its name, e.g. "pi-config2"; "" if there is none */
} lair_setup;

typedef struct lair_policy lair_policy; /* the author's object */

/* Functions return 0 on success; otherwise `error` gives the reason. A role that is not offered has
 * null functions. */
typedef struct lair_plugin_functions {
  uint32_t size;
  uint32_t reserved;
  /* Null on failure, with a terminated text in error[0..error_size). Unknown options must fail. A
   * text that begins with "option '" or "unknown option '" blames the scenario, not the policy.
   * The services may be used until destroy, the setup only during this call. */
  lair_policy *(*create)(const lair_services *, const lair_setup *, char *error, size_t error_size);
  void (*destroy)(lair_policy *);
  const char *(*error)(lair_policy *);
  /* Scheduler: LAIR_PLACE actions for queued tasks. */
  int (*place)(lair_policy *, const lair_observation *, lair_actions *out);
  /* Detector: one row for each own host. `placement` is what the scheduler proposed. */
  int (*detect)(lair_policy *, const lair_observation *, const lair_actions *placement,
                lair_detection *out);
  /* Remediator: actions beside the placement; a LAIR_PLACE replaces the scheduler's for that task.
   * At most one place or migration for a task, one vote, and one of each other kind for a host.
   * `own` is the own detection (null without a detector); peers' stand in the reports. */
  int (*decide)(lair_policy *, const lair_observation *, const lair_actions *placement,
                const lair_detection *own, lair_actions *out);
  /* After the interval: what was observed before and after. May be null. */
  int (*learn)(lair_policy *, const lair_observation *before, const lair_observation *after);
} lair_plugin_functions;

#define LAIR_PLUGIN_MAGIC "LAIR-POLICY\r\n\x1a"
#define LAIR_PLUGIN_SECTION ".lair_policy"
#define LAIR_PLUGIN_SYMBOL "lair_plugin"

/* Lies as plain bytes in the section LAIR_PLUGIN_SECTION of the shared library, so that Lair reads
 * it from the file before it loads, and so runs, anything of it. */
typedef struct lair_plugin_info {
  char magic[16];
  uint32_t size;
  uint16_t abi_major, abi_minor;
  uint32_t roles; /* lair_role bits */
  uint32_t reserved;
  double memory;       /* bytes resident on the broker; negative: the author does not say */
  char name[64];       /* as in --policy and results */
  char version[32];
  char description[160];
  char source[160];    /* paper or origin */
} lair_plugin_info;

/* The library exports `const lair_plugin_functions lair_plugin` (LAIR_PLUGIN_SYMBOL). */

#ifdef __cplusplus
}
#endif
#endif
