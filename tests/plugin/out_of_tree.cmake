# Installs the package into a scratch prefix, builds examples/policy against it as an outsider would,
# and compares what comes out with what is built in.
# cmake -DBUILD=... -DSCRATCH=... -DCOMPARE=<test program> [-DLAIR=<program> -DSOURCE=...] -P this
cmake_minimum_required(VERSION 3.25)

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
step(${CMAKE_COMMAND} --install ${BUILD} --component development --prefix ${SCRATCH}/prefix)
step(${CMAKE_COMMAND} -S ${SCRATCH}/prefix/share/lair/examples/policy -B ${SCRATCH}/build
     -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=${FLAGS}
     -DCMAKE_CXX_COMPILER=${COMPILER})
step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
step(${CMAKE_COMMAND} -E env EXAMPLES=${SCRATCH}/build ${COMPARE})
if(NOT LAIR)
  return()
endif()

# A whole run: everything that happened must be the same; only the policy's name differs.
foreach(policy overload-migration ${SCRATCH}/build/overload.so)
  get_filename_component(name ${policy} NAME_WE)
  step(${CMAKE_COMMAND} -E chdir ${SOURCE} ${LAIR} run scenarios/quickstart.toml --seed 5
       --set intervals=30 --policy ${policy} --out ${SCRATCH}/${name})
endforeach()
file(GLOB results RELATIVE ${SCRATCH}/overload-migration ${SCRATCH}/overload-migration/*.csv
     ${SCRATCH}/overload-migration/*.jsonl)
if(NOT "events.jsonl" IN_LIST results OR NOT "tasks.csv" IN_LIST results)
  message(FATAL_ERROR "the run left no events.jsonl or tasks.csv: ${results}")
endif()
foreach(result ${results})
  step(${CMAKE_COMMAND} -E compare_files ${SCRATCH}/overload-migration/${result}
       ${SCRATCH}/overload/${result})
endforeach()
file(STRINGS ${SCRATCH}/overload/migrations.csv migrations)
list(LENGTH migrations lines)
if(lines LESS 2)
  message(FATAL_ERROR "the compared runs hold no migration, so they show nothing")
endif()
