# Debian 12 versions are the floor; newer ones are welcome (simgrid 4.x is handled in sg_compat.hpp).
find_package(PkgConfig REQUIRED)
# Debian ships no FindSimGrid.cmake; pkg-config works on 12 and 13.
pkg_check_modules(SIMGRID REQUIRED IMPORTED_TARGET GLOBAL simgrid>=3.32)
# CBC solves the integer programs of policies. Debian ships no CMake files for it either.
pkg_check_modules(CBC REQUIRED IMPORTED_TARGET GLOBAL cbc>=2.10)
find_package(fmt 9 REQUIRED CONFIG)
find_package(CLI11 2.1 REQUIRED CONFIG)
find_package(tomlplusplus 3.3 REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(SQLite3 3.37 REQUIRED)
find_package(Boost 1.74 REQUIRED) # Boost.Graph, of which headers are enough
if(LAIR_NEURAL)
  find_package(Torch 1.13 REQUIRED) # Debian's says 1.13.0 of its 1.13.1
endif()
if(LAIR_TESTS)
  find_package(doctest 2.4 REQUIRED CONFIG)
endif()
