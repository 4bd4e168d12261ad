# cpack -G DEB: a Debian package of program, learned policies, data, headers and CMake package.
# Its dependencies are read from the binaries (dpkg-shlibdeps, of dpkg-dev).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lair)
# dpkg wants an address. There is none to write to, and .invalid says so (RFC 2606); who hands packages on
# names themselves: -DCPACK_PACKAGE_CONTACT="Name <address>".
set(CPACK_PACKAGE_CONTACT "The Lair authors <noreply@lair.invalid>" CACHE STRING "Maintainer that the package names")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "co-simulation of fault tolerance in edge federations")
set(CPACK_PACKAGE_DESCRIPTION
"Lair simulates federations of edge devices whose hosts overload, run out of
memory, are flooded or crash. A policy in every broker decides where tasks run
and when they move. It says what the policy was worth: response times, missed
deadlines, energy, lost work, detection against ground truth.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libopenblas0-serial") # training is 4 to 8 times slower without
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, cmake, gnuplot-nox, sqlite3")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS # whatever the umask
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# The licence, and those of what is built into the program.
file(READ ${PROJECT_SOURCE_DIR}/LICENSE copyright)
set(uplot_licence ${PROJECT_SOURCE_DIR}/src/report/web/node_modules/uplot/LICENSE)
if(EXISTS ${uplot_licence})
  file(READ ${uplot_licence} text)
  string(APPEND copyright "\n---\nThe pages of reports carry uPlot (https://github.com/leeoniya/uPlot):\n\n${text}")
endif()
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/package/copyright "${copyright}")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/copyright CHANGELOG.md README.md CITATION.cff
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
# CPack would call ldconfig for liblair-neural.so, which is nobody's but the program's.
foreach(script postinst postrm)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/package/${script} CONTENT "#!/bin/sh\nset -e\nexit 0\n")
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/package/${script})
endforeach()
# As Debian's policy wants them: manual pages and the change log packed.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH if that is set
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/package/changelog "lair (${PROJECT_VERSION}) unstable; urgency=medium

  * What has changed stands in CHANGELOG.md beside this file.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/PackTexts.cmake)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
include(CPack)
