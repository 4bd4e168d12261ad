/// lair: the command line.
#include "cli/commands.hpp"
#include "core/error.hpp"

#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <malloc.h>
#include <new>

int main(int argc, char** argv) {
  using namespace lair;
  std::setlocale(LC_ALL, "C");
  std::signal(SIGXFSZ,
              SIG_IGN); // a file too large is an error of that write, told as a full disk is
  // SimGrid takes a 1 MiB stack for each task: from the heap and kept there, not mapped and
  // unmapped each time (35 % less CPU measured).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  try {
    return cli::run_arguments(argc, argv);
  } catch (const InputError& error) {
    std::fprintf(stderr, "%s\n",
                 error.what()); // each line begins with the place, as editors expect
    return cli::exit_bad_input;
  } catch (const PluginError& error) {
    std::fprintf(stderr, "lair: %s\n", error.what());
    return cli::exit_plugin_failure;
  } catch (const RunError& error) {
    std::fprintf(stderr, "lair: %s\n", error.what());
    return cli::exit_failed_run;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "lair: out of memory\n");
    return cli::exit_failed_run;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lair: %s\n", error.what());
    return cli::exit_failed_run;
  }
}
