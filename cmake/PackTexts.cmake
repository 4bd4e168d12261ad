# Run by CPack on what it packs: gzip as Debian's policy wants it (10.4, 12.1, 12.7).
file(GLOB_RECURSE texts ${CPACK_TEMPORARY_DIRECTORY}/*/share/man/*.1 ${CPACK_TEMPORARY_DIRECTORY}/*/share/doc/*/changelog)
foreach(text ${texts})
  execute_process(COMMAND gzip -9n ${text} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
