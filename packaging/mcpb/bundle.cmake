# Makes the bundle: FOLDER (server/callslip and callslip-extract are there) gets the libraries that
# they need beside those of any Linux, their licences, and the manifest; BUNDLE is its archive,
# SERVER_JSON the entry of a registry of servers.
# cmake -DFOLDER= -DBUNDLE= -DSERVER_JSON= -DSOURCE= -DVERSION= -DNAME= -DURL= -P bundle.cmake
set(binary ${FOLDER}/server/callslip)
file(REMOVE_RECURSE ${FOLDER}/server/lib ${FOLDER}/licenses)

# The C library belongs to the system that runs it, and with it the loader.
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${binary} ${binary}-extract
  RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR missing
  PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv)\\.so")
if(missing)
  message(FATAL_ERROR "not found: ${missing}")
endif()
find_program(DPKG_QUERY dpkg-query)
foreach(library IN LISTS libraries)
  # Under the name by which it is asked for: hosts that unpack know no links.
  get_filename_component(name ${library} NAME)
  file(REAL_PATH ${library} real)
  file(MAKE_DIRECTORY ${FOLDER}/server/lib)
  file(COPY_FILE ${real} ${FOLDER}/server/lib/${name})
  if(DPKG_QUERY)
    get_filename_component(file ${real} NAME)
    execute_process(COMMAND ${DPKG_QUERY} -S */${file} OUTPUT_VARIABLE owner ERROR_QUIET)
    string(REGEX MATCH "^[^:,]+" package "${owner}")
    set(copyright /usr/share/doc/${package}/copyright)
    if(NOT package OR NOT EXISTS ${copyright})
      message(FATAL_ERROR "no licence is found for ${library}, which the bundle would hold")
    endif()
    file(READ ${copyright} text)
    file(WRITE ${FOLDER}/licenses/${package}.txt "${text}")
  endif()
endforeach()
configure_file(${SOURCE}/LICENSE ${FOLDER}/LICENSE COPYONLY)

# The tools, as the server tells them.
set(scratch ${FOLDER}.scratch)
file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch}/empty)
file(WRITE ${scratch}/request "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n")
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env XDG_DATA_HOME=${scratch} ${binary} serve --stdio ${scratch}/empty
  INPUT_FILE ${scratch}/request OUTPUT_VARIABLE reply ERROR_VARIABLE log RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the bundled server does not run: ${failed}\n${log}")
endif()
string(JSON count LENGTH "${reply}" result tools)
math(EXPR last "${count} - 1")
set(TOOLS "[]")
foreach(i RANGE ${last})
  string(JSON name GET "${reply}" result tools ${i} name)
  string(JSON title GET "${reply}" result tools ${i} title)
  string(JSON TOOLS SET "${TOOLS}" ${i} "{\"name\": \"${name}\", \"description\": \"${title}\"}")
endforeach()
file(REMOVE_RECURSE ${scratch})
configure_file(${SOURCE}/packaging/mcpb/manifest.json.in ${FOLDER}/manifest.json @ONLY)

file(REMOVE ${BUNDLE})
# File by file: hosts' unpackers take an entry for a folder for a file.
file(GLOB_RECURSE entries RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT entries)
execute_process(COMMAND ${CMAKE_COMMAND} -E tar cf ${BUNDLE} --format=zip ${entries}
                WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
file(SHA256 ${BUNDLE} SHA256)
configure_file(${SOURCE}/packaging/mcpb/server.json.in ${SERVER_JSON} @ONLY)
