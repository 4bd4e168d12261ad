# Installs the package into a scratch prefix, builds a copy of examples/policy in a temporary folder
# against it, as an outsider would, and compares what comes out with what is built in.
# cmake -DBUILD=... -DSCRATCH=... -DCOMPARE=<test program> [-DLAIR=<program> -DSOURCE=...] -P this
cmake_minimum_required(VERSION 3.25)

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    file(REMOVE_RECURSE ${copy})
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
step(${CMAKE_COMMAND} --install ${BUILD} --component development --prefix ${SCRATCH}/prefix)
# Far from this tree and from the prefix: no path may lead from the one to the other.
execute_process(COMMAND mktemp -d OUTPUT_VARIABLE copy OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
file(COPY ${SCRATCH}/prefix/share/lair/examples/policy DESTINATION ${copy})
file(MAKE_DIRECTORY ${copy}/wrong)
file(WRITE ${copy}/wrong/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(wrong LANGUAGES CXX)\nfind_package(lair REQUIRED)\nlair_add_policy(wrong ROLES detectors/none)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${copy}/wrong -B ${copy}/wrong/build
                        -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_CXX_COMPILER=${COMPILER}
                RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE text)
string(REGEX REPLACE "[ \n]+" " " text "${text}") # it comes with its lines broken
if(NOT failed OR NOT text MATCHES "no built-in role 'detectors/none'; known: detectors/threshold")
  file(REMOVE_RECURSE ${copy})
  message(FATAL_ERROR "an unknown role is not refused by name:\n${text}")
endif()
step(${CMAKE_COMMAND} -S ${copy}/policy -B ${SCRATCH}/build
     -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=${FLAGS}
     -DCMAKE_CXX_COMPILER=${COMPILER})
step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
file(REMOVE_RECURSE ${copy})
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
