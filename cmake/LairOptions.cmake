# Flags of every target. -ffp-contract=off and no -march: the same scenario and seed must give the
# same bytes on every x86-64 machine and in every build type.
add_compile_options(-Wall -Wextra -ffp-contract=off)
# Assertions name source files as they lie in the tree, wherever it was built.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
# g++ 12 sees overlapping copies in std::string::insert that are none (gcc bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(LAIR_SANITIZE)
  add_compile_options(-fsanitize=${LAIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LAIR_SANITIZE})
  add_compile_definitions(LAIR_SANITIZED=1)
endif()
find_program(LAIR_CCACHE ccache)
if(LAIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LAIR_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${LAIR_CCACHE})
endif()

# One static library per room: lair_room(core SOURCES a.cpp LINK fmt::fmt)
function(lair_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  if(ROOM_SOURCES)
    add_library(lair_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(lair_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                   ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(lair_${name} PUBLIC ${ROOM_LINK})
  else()
    add_library(lair_${name} INTERFACE)
    target_include_directories(lair_${name} INTERFACE ${PROJECT_SOURCE_DIR}/include
                                                      ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(lair_${name} INTERFACE ${ROOM_LINK})
  endif()
endfunction()
