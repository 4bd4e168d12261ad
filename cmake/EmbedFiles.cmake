# Files as C++ functions that return their bytes.
#   cmake -DOUT=x.cpp -DHEADER=a.hpp -DNAMESPACE=a::b "-DFILES=name=path;name=path" -P EmbedFiles.cmake
# Paths with | between are one after another. A path that is empty gives an empty text. "</script" in a file would end the page's script: refused.
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([^=]*)=(.*)$" ignored "${pair}")
  set(name ${CMAKE_MATCH_1})
  set(path "${CMAKE_MATCH_2}")
  if(path STREQUAL "")
    string(APPEND text "std::string_view ${name}() { return {}; }\n")
    continue()
  endif()
  set(bytes "")
  string(REPLACE "|" ";" parts "${path}")
  foreach(part IN LISTS parts)
    file(STRINGS "${part}" harmful REGEX "</[sS][cCtT][rRyY]")
    if(harmful)
      message(FATAL_ERROR "${part} has </script or </style inside, which would end it in a page")
    endif()
    file(READ "${part}" part_bytes HEX)
    string(APPEND bytes "${part_bytes}")
  endforeach()
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND text "static constexpr unsigned char ${name}_bytes[] = {${bytes}};\n"
                     "std::string_view ${name}() {\n"
                     "  return {reinterpret_cast<const char*>(${name}_bytes), sizeof ${name}_bytes};\n}\n")
endforeach()
file(WRITE "${OUT}" "${text}} // namespace ${NAMESPACE}\n")
