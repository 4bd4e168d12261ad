# lair_add_policy(target SOURCE...): a policy as a shared library that `lair` loads and `lair check`
# checks. The result is <target>.so in the build folder of the calling project.
# ROLES <role>... compiles built-in roles into it, from the source files that this lair was built of,
# such as detectors/threshold: the policy includes "detectors/threshold.hpp" and takes it over.
function(lair_add_policy target)
  cmake_parse_arguments(PARSE_ARGV 1 POLICY "" "" "ROLES")
  foreach(role ${POLICY_ROLES})
    set(source ${LAIR_ROLES_DIR}/${role}.cpp)
    if(NOT EXISTS ${source})
      file(GLOB known RELATIVE ${LAIR_ROLES_DIR} ${LAIR_ROLES_DIR}/*/*.cpp)
      list(TRANSFORM known REPLACE "\\.cpp$" "")
      list(JOIN known ", " known)
      message(FATAL_ERROR "lair_add_policy(${target}): no built-in role '${role}'; known: ${known}")
    endif()
    list(APPEND POLICY_UNPARSED_ARGUMENTS ${source})
  endforeach()
  add_library(${target} MODULE ${POLICY_UNPARSED_ARGUMENTS})
  if(POLICY_ROLES)
    target_include_directories(${target} PRIVATE ${LAIR_ROLES_DIR})
  endif()
  target_link_libraries(${target} PRIVATE lair::policy)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so"
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  # The same scenario and seed must give the same results on every machine: no fused multiply-add.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  # Lair never unloads a policy; -z nodelete says so to the dynamic linker.
  target_link_options(${target} PRIVATE -Wl,-z,nodelete)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # clang's sanitizers leave symbols open on purpose
    target_link_options(${target} PRIVATE -Wl,-z,defs) # a missing symbol shows at build time
  endif()
endfunction()
