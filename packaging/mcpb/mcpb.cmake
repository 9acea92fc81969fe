# `cmake --build --preset release --target mcpb`: a bundle for hosts that install .mcpb files, with
# all libraries but the C library; and server.json, the entry of a registry of servers.
set(CALLSLIP_REGISTRY_NAME io.github.callslip/callslip CACHE STRING
    "Our name in registries of servers, in a namespace of the publisher")
set(CALLSLIP_RELEASES https://github.com/callslip/callslip/releases/download CACHE STRING
    "Where the bundle can be downloaded: below this, v<version>/<file>")

set(folder ${CMAKE_BINARY_DIR}/mcpb/bundle)
set(file callslip-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}.mcpb)
set(bundle ${CMAKE_BINARY_DIR}/mcpb/${file})

# DT_RPATH, which serves the libraries' libraries too.
add_executable(callslip_bundled EXCLUDE_FROM_ALL plugin/main.cpp)
target_link_libraries(callslip_bundled PRIVATE plugin)
set_target_properties(callslip_bundled PROPERTIES OUTPUT_NAME callslip)
add_executable(extract_bundled EXCLUDE_FROM_ALL ${EXTRACT_SOURCES})
get_target_property(extract_libraries callslip-extract LINK_LIBRARIES)
target_link_libraries(extract_bundled PRIVATE ${extract_libraries})
set_target_properties(extract_bundled PROPERTIES OUTPUT_NAME callslip-extract)
foreach(target callslip_bundled extract_bundled)
  target_link_options(${target} PRIVATE
    -static-libstdc++ -static-libgcc -s -Wl,--disable-new-dtags)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder}/server
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/lib")
endforeach()

add_custom_command(OUTPUT ${bundle} ${CMAKE_BINARY_DIR}/mcpb/server.json
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DBUNDLE=${bundle}
          -DSERVER_JSON=${CMAKE_BINARY_DIR}/mcpb/server.json -DSOURCE=${CMAKE_SOURCE_DIR}
          -DVERSION=${PROJECT_VERSION} -DNAME=${CALLSLIP_REGISTRY_NAME}
          -DURL=${CALLSLIP_RELEASES}/v${PROJECT_VERSION}/${file}
          -P ${CMAKE_SOURCE_DIR}/packaging/mcpb/bundle.cmake
  DEPENDS callslip_bundled extract_bundled packaging/mcpb/bundle.cmake packaging/mcpb/manifest.json.in
          packaging/mcpb/server.json.in LICENSE
  COMMENT "The bundle ${file}")
add_custom_target(mcpb DEPENDS ${bundle})
