# cmake --install: the program, what a policy's author includes, the data, and the CMake package.
include(CMakePackageConfigHelpers)

set(LAIR_DATA_DIR ${CMAKE_INSTALL_DATADIR}/lair)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lair)

add_library(lair_policy_headers INTERFACE)
add_library(lair::policy ALIAS lair_policy_headers)
set_target_properties(lair_policy_headers PROPERTIES EXPORT_NAME policy)
target_include_directories(lair_policy_headers INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(lair_policy_headers INTERFACE cxx_std_20)

install(TARGETS lair_policy_headers EXPORT lairTargets)
install(EXPORT lairTargets NAMESPACE lair:: DESTINATION ${package_dir} COMPONENT development)
install(DIRECTORY include/lair DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
configure_package_config_file(cmake/lairConfig.cmake.in package/lairConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_BINDIR LAIR_DATA_DIR)
# Policies built against 1.x headers keep working: SameMajorVersion (0.x: each minor is its own).
write_basic_package_version_file(lairConfigVersion.cmake COMPATIBILITY SameMajorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/lairConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/lairConfigVersion.cmake
              cmake/lairPolicy.cmake
        DESTINATION ${package_dir} COMPONENT development)

# The same package in the build folder, for policies that are built against it uninstalled:
# -DCMAKE_PREFIX_PATH=<build folder>.
export(EXPORT lairTargets NAMESPACE lair:: FILE ${CMAKE_BINARY_DIR}/lairTargets.cmake)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/lairConfig.cmake @ONLY CONTENT
[=[include("${CMAKE_CURRENT_LIST_DIR}/lairTargets.cmake")
include("@PROJECT_SOURCE_DIR@/cmake/lairPolicy.cmake")
set(LAIR_EXECUTABLE "@CMAKE_BINARY_DIR@/lair")
set(LAIR_DATA_DIR "@PROJECT_SOURCE_DIR@")
set(LAIR_ROLES_DIR "@PROJECT_SOURCE_DIR@/src")
]=])

# The example policies, and the sources of built-in roles that lair_add_policy(... ROLES ...) compiles
# into policies.
install(DIRECTORY examples/policy DESTINATION ${LAIR_DATA_DIR}/examples COMPONENT development)
install(DIRECTORY examples/analysis DESTINATION ${LAIR_DATA_DIR}/examples COMPONENT development
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
foreach(role detectors/threshold remediators/overload_migration)
  get_filename_component(room ${role} DIRECTORY)
  install(FILES src/${role}.hpp src/${role}.cpp DESTINATION ${LAIR_DATA_DIR}/src/${room}
          COMPONENT development)
endforeach()

foreach(dir platforms workloads scenarios models)
  install(DIRECTORY ${dir} DESTINATION ${LAIR_DATA_DIR} COMPONENT program)
endforeach()
