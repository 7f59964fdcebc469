# What every target of this project is compiled with.
option(MSG_WARNINGS_AS_ERRORS "Fail on compiler warnings" OFF)
set(MSG_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

find_program(MSG_CCACHE ccache)
if(MSG_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MSG_CCACHE})
endif()

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endif()

# g++ 12 sees uninitialised values in every std::optional inside a std::expected, and overlapping
# copies in every std::string(1, c) + text (gcc.gnu.org/PR105562, PR105651).
set(MSG_FALSE_ALARMS "")
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(MSG_FALSE_ALARMS -Wno-maybe-uninitialized -Wno-restrict)
endif()
# In a unity build all but the first file are headers to it, where such a type would be a mistake.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND (CMAKE_UNITY_BUILD OR MSG_TESTS_IN_GROUPS))
  list(APPEND MSG_FALSE_ALARMS -Wno-subobject-linkage)
endif()
# Asio's fences; what they are to order its locks order, too.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND MSG_SANITIZE MATCHES thread)
  list(APPEND MSG_FALSE_ALARMS -Wno-tsan)
endif()
# What std::stable_sort of libstdc++ 12 calls, it declares deprecated; the interface documents are
# literals longer than the standard asks compilers to take.
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  set(MSG_FALSE_ALARMS -Wno-deprecated-declarations -Wno-overlength-strings)
endif()

function(msg_target target)
  target_compile_features(${target} PUBLIC cxx_std_23)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
    -Wextra-semi -Wimplicit-fallthrough -Werror=switch -Werror=return-type
    -Wno-missing-field-initializers  # designated initializers name what matters
    $<$<BOOL:${MSG_WARNINGS_AS_ERRORS}>:-Werror>
    ${MSG_FALSE_ALARMS}
    -fstack-protector-strong $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
  if(MSG_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MSG_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${MSG_SANITIZE})
  endif()
  # Optimising is two thirds of what clang does for such a build; the library alone needs the speed.
  if(MSG_SANITIZE MATCHES address AND NOT MSG_FUZZ AND NOT target STREQUAL msg)
    target_compile_options(${target} PRIVATE -O0)
  endif()
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
endfunction()
