# How the library gets to other programs: headers, libmsg.a, a CMake package and a pkg-config file.
# tests/install builds a program against the result in each of these ways.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libmsg)
install(TARGETS msg EXPORT libmsg COMPONENT libmsg FILE_SET HEADERS COMPONENT libmsg)
install(EXPORT libmsg NAMESPACE libmsg:: FILE libmsgTargets.cmake DESTINATION ${package_dir}
  COMPONENT libmsg)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/libmsgConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/libmsgConfig.cmake INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 every minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/libmsgConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libmsgConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/libmsgConfigVersion.cmake DESTINATION ${package_dir}
  COMPONENT libmsg)

# The prefix is found from the place of the file itself, so a moved tree still works.
file(RELATIVE_PATH MSG_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/libmsg.pc.in
  ${CMAKE_CURRENT_BINARY_DIR}/libmsg.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libmsg.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT libmsg)
