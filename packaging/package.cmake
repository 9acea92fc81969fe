# `cmake --build --preset release --target package`: a Debian package.
set(CALLSLIP_MAINTAINER "The Callslip authors <callslip@localhost>" CACHE STRING
    "Who is named in packages, as NAME <ADDRESS>")
set(staged ${CMAKE_BINARY_DIR}/package)

string(TIMESTAMP changelog_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(file copyright changelog)
  configure_file(packaging/debian/${file}.in ${staged}/${file} @ONLY)
endforeach()

add_custom_command(OUTPUT ${staged}/callslip.1.gz ${staged}/changelog.gz
  COMMAND ${CMAKE_COMMAND} -DCALLSLIP=$<TARGET_FILE:callslip> -DMAN=${staged}/callslip.1
          -P ${CMAKE_SOURCE_DIR}/packaging/man_page.cmake
  COMMAND gzip -9nkf callslip.1 changelog
  WORKING_DIRECTORY ${staged}
  DEPENDS callslip packaging/man_page.cmake ${staged}/changelog
  COMMENT "The manual page")
add_custom_target(manual ALL DEPENDS ${staged}/callslip.1.gz)

install(TARGETS callslip DESTINATION bin)
install(TARGETS callslip-extract DESTINATION libexec)
install(FILES ${staged}/callslip.1.gz DESTINATION share/man/man1)
install(FILES ${staged}/copyright ${staged}/changelog.gz packaging/debian/README.Debian README.md
        DESTINATION share/doc/callslip)
file(GLOB documents CONFIGURE_DEPENDS docs/*.md docs/*.svg)
install(FILES ${documents} DESTINATION share/doc/callslip/docs)
install(FILES packaging/callslip.service DESTINATION lib/systemd/system)
install(FILES packaging/callslip.conf DESTINATION /etc/callslip)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME callslip)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${CALLSLIP_MAINTAINER})
set(CPACK_SET_DESTDIR ON)  # /etc is not below the prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION text)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, poppler-data")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS tesseract-ocr)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "search and reading of documents, as tools for language models
Callslip keeps a BM25 index of documents or code and serves tools over the
Model Context Protocol, so that a chat front end or an IDE assistant can work
with more than fits the context window of its model: ranked passages inside a
budget of tokens, and reading chunk by chunk with verbatim evidence. It needs
no model of its own, no key and no network.")
foreach(script postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/${script})
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
