# lair_add_policy(target SOURCE...): a policy as a shared library that `lair` loads and `lair check`
# checks. The result is <target>.so in the build folder of the calling project.
function(lair_add_policy target)
  add_library(${target} MODULE ${ARGN})
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
