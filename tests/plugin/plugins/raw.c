/* A policy written in plain C against the boundary itself, which breaks one rule of its answers, named
 * by the option `how`; other rules of the description and the symbols by macros at compile time. */
#include <lair/plugin.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifndef RAW_MAJOR
#define RAW_MAJOR LAIR_ABI_MAJOR
#endif
#ifndef RAW_MINOR
#define RAW_MINOR LAIR_ABI_MINOR
#endif
#ifndef RAW_ROLES
#define RAW_ROLES (LAIR_ROLE_SCHEDULER | LAIR_ROLE_DETECTOR | LAIR_ROLE_REMEDIATOR)
#endif
#ifndef RAW_NAME
#define RAW_NAME "raw"
#endif

struct lair_policy {
  char how[64];
  lair_action actions[4];
  uint32_t hosts[256];
  double scores[256], thresholds[256], expected[256 * LAIR_METRICS];
  double scale[256 * LAIR_METRICS];
  uint8_t labels[256];
};

static int is(const lair_policy *self, const char *how) { return strcmp(self->how, how) == 0; }

static lair_policy *create(const lair_services *services, const lair_setup *setup, char *error,
                           size_t error_size) {
  lair_policy *self = calloc(1, sizeof *self);
  (void)services;
  for (uint32_t i = 0; i < setup->option_count; ++i) {
    if (strcmp(setup->options[i].name, "how") == 0) {
      strncpy(self->how, setup->options[i].value, sizeof self->how - 1);
    } else {
      strncpy(error, "unknown option 'x'", error_size - 1);
      free(self);
      return NULL;
    }
  }
  if (is(self, "silent-failure")) {
    free(self);
    return NULL;
  }
  return self;
}

static void destroy(lair_policy *self) { free(self); }

static const char *error_text(lair_policy *self) {
  return is(self, "null-error") ? NULL : "the raw policy does not want to";
}

static int act(lair_policy *self, const lair_observation *seen, lair_actions *out) {
  const lair_task *first = seen->task_count > 0 ? seen->tasks : NULL;
  out->size = sizeof *out;
  out->count = 0;
  out->actions = self->actions;
  if (is(self, "error") || is(self, "null-error")) return 1;
  if (is(self, "small-answer")) out->size = 4;
  if (is(self, "null-actions")) {
    out->count = 1;
    out->actions = NULL;
  }
  if (is(self, "huge-count")) {
    out->count = 4000000000u;
    out->actions = NULL;
  }
  if (first == NULL || seen->host_count == 0) return 0;
  self->actions[0].kind = LAIR_PLACE;
  self->actions[0].host = seen->hosts[0].id;
  self->actions[0].task = first->id;
  self->actions[1] = self->actions[0];
  if (is(self, "unknown-task")) self->actions[0].task = 123456789;
  if (is(self, "unknown-host")) self->actions[0].host = 99999;
  if (is(self, "unknown-kind")) self->actions[0].kind = 77;
  if (is(self, "migrate")) self->actions[0].kind = LAIR_MIGRATE;
#if LAIR_ABI_MINOR >= 2
  if (is(self, "replicate")) self->actions[0].kind = LAIR_REPLICATE;
  if (is(self, "replicate")) out->count = 1;
#endif
  if (strncmp(self->how, "unknown-", 8) == 0 || is(self, "migrate")) out->count = 1;
  if (is(self, "duplicate")) out->count = 2;
  return 0;
}

#ifndef RAW_NO_PLACE
static int place(lair_policy *self, const lair_observation *seen, lair_actions *out) {
  return act(self, seen, out);
}
#endif

static int decide(lair_policy *self, const lair_observation *seen, const lair_actions *placement,
                  const lair_detection *own, lair_actions *out) {
  (void)placement;
  (void)own;
  const int failed = act(self, seen, out);
#if LAIR_ABI_MINOR >= 2
  static const double nothing[2] = {0, 0}, less[2] = {-1, -1};
  const int votes = is(self, "bad-vote"), stores = is(self, "bad-period");
  if ((votes || stores || is(self, "two-cancels")) && seen->task_count > 0) {
    self->actions[0].kind = votes ? LAIR_VOTE : stores ? LAIR_CHECKPOINT : LAIR_CANCEL;
    self->actions[1] = self->actions[0];
    out->count = votes || stores ? 1 : 2;
    out->values = votes ? nothing : less;
  }
  if (is(self, "old-actions")) { /* as 1.0 knew them; what follows is not the policy's */
    out->size = offsetof(lair_actions, values);
    out->values = (const double *)8;
    out->count = seen->task_count > 0 ? 1 : 0;
  }
#endif
  return failed;
}

static int detect(lair_policy *self, const lair_observation *seen, const lair_actions *placement,
                  lair_detection *out) {
  (void)placement;
  out->size = sizeof *out;
  out->count = seen->own_count;
  for (uint32_t i = 0; i < seen->own_count && i < 256; ++i) {
    /* by the stride: a newer lair's rows are longer */
    const char *row = (const char *)seen->hosts + (size_t)i * seen->host_stride;
    self->hosts[i] = ((const lair_host *)row)->id;
    self->scores[i] = 0.5;
    self->thresholds[i] = 1;
    self->labels[i] = 0;
  }
  out->hosts = self->hosts;
  out->scores = self->scores;
  out->thresholds = self->thresholds;
  out->labels = self->labels;
  out->expected = NULL;
  if (is(self, "nan-score")) self->scores[0] = NAN;
  if (is(self, "infinite-threshold")) self->thresholds[0] = INFINITY;
  if (is(self, "label-2")) self->labels[0] = 2;
  if (is(self, "foreign-row")) self->hosts[0] = 4242;
  if (is(self, "twice-a-row")) self->hosts[1] = self->hosts[0];
  if (is(self, "missing-row")) out->count -= 1;
  if (is(self, "huge-rows")) {
    out->count = 4000000000u;
    out->hosts = NULL;
  }
  if (is(self, "null-scores")) out->scores = NULL;
  if (is(self, "small-detection")) out->size = 8;
  if (is(self, "nan-expected")) {
    self->expected[3] = NAN;
    out->expected = self->expected;
  }
#if LAIR_ABI_MINOR >= 1
  if (is(self, "lone-scale")) out->scale = self->expected;
  if (is(self, "negative-scale")) {
    self->scale[5] = -1;
    out->expected = self->expected;
    out->scale = self->scale;
  }
  if (is(self, "null-ahead")) out->ahead = 2;
  if (is(self, "endless-ahead")) {
    out->ahead = 4000000000u;
    out->ahead_expected = self->expected;
  }
  if (is(self, "nan-ahead")) {
    self->expected[seen->own_count * LAIR_METRICS + 1] = NAN;
    out->ahead = 2;
    out->ahead_expected = self->expected;
  }
  if (is(self, "old-detection")) { /* as 1.0 knew it; what follows is not the policy's */
    out->size = offsetof(lair_detection, scale);
    out->scale = (const double *)8;
    out->ahead = 5;
    out->ahead_expected = (const double *)8;
  }
#endif
  return 0;
}

#ifndef RAW_NO_SYMBOL
__attribute__((visibility("default"))) const lair_plugin_functions lair_plugin = {
    sizeof(lair_plugin_functions), 0, create, destroy, error_text,
#ifdef RAW_NO_PLACE
    NULL,
#else
    place,
#endif
    detect, decide, NULL};
#else
__attribute__((used)) struct {
  void *a, *b, *c, *d, *e, *f;
} unused = {create, destroy, error_text,
            place,  detect,  decide};
#endif

__attribute__((section(LAIR_PLUGIN_SECTION), used)) const lair_plugin_info raw_info = {
    LAIR_PLUGIN_MAGIC, sizeof(lair_plugin_info), RAW_MAJOR, RAW_MINOR, RAW_ROLES, 0, 1e6,
    RAW_NAME, "1.0", "a policy in plain C", "tests"};
