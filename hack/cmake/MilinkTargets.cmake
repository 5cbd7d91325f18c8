# How every target of this project is declared, so that warnings, header checks and labels are the same everywhere.

# Settings for all targets: language level, ccache when present, sanitizers.
macro(milink_configure_compiler)
  set(CMAKE_CXX_STANDARD 20)
  set(CMAKE_CXX_STANDARD_REQUIRED ON)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
  endif()
  # What is shipped is made small, because most of an idle operator's memory is its code; what reads
  # the API server's lists is made fast (milink_fast).
  set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG -ffunction-sections -fdata-sections")
  set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Wl,--gc-sections")
  # Files of a target that are compiled as one read their heavy headers once.
  if(MILINK_UNITY STREQUAL "all")
    set(CMAKE_UNITY_BUILD ON)
  elseif(NOT MILINK_UNITY MATCHES "^(tests)?$")
    message(FATAL_ERROR "MILINK_UNITY is '${MILINK_UNITY}'; it takes tests, all or nothing")
  endif()
  find_program(CCACHE_PROGRAM ccache)
  if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Paths are taken relative to the tree, so that a cache serves any checkout of it.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  endif()
  # Dozens of test programs are linked; mold does in half a second what ld does in six.
  find_program(MOLD_PROGRAM mold)
  if(MOLD_PROGRAM)
    add_link_options(-fuse-ld=mold)
  endif()
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
  if(MILINK_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)  # libFuzzer follows the coverage
  endif()
  if(MILINK_SANITIZER STREQUAL "address")
    # -g1: function names and lines are what a report shows; more would double the build.
    add_compile_options(-g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
  elseif(MILINK_SANITIZER STREQUAL "thread")
    add_compile_options(-g1 -fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
  elseif(NOT MILINK_SANITIZER STREQUAL "")
    message(FATAL_ERROR "MILINK_SANITIZER is '${MILINK_SANITIZER}'; it takes address, thread or nothing")
  endif()
endmacro()

# Warnings as errors, for our own targets only.
function(milink_warnings target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # libstdc++ 12's stable algorithms use what it calls deprecated itself.
    target_compile_options(${target} PRIVATE -Werror -Wall -Wextra -Wno-deprecated-declarations
      -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Werror -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
    -Woverloaded-virtual -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op
    -Wuseless-cast -Wsuggest-override -Wformat=2 -Wimplicit-fallthrough
    # Designated initialisers name what matters; every member has a default.
    -Wno-missing-field-initializers)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    # GCC 12 reports false null dereferences and uninitialised values in library code that it
    # inlines, and overlapping copies in std::string's operator+ (GCC bug 105329).
    target_compile_options(${target} PRIVATE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict)
  endif()
endfunction()

# milink_library(<name> HEADERS .. SOURCES .. [PUBLIC ..] [PRIVATE ..])
# A static library milink_<name> with the alias milink::<name>; headers are included from the root.
function(milink_library name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(milink_${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    milink_warnings(milink_${name})
  else()
    add_library(milink_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(milink::${name} ALIAS milink_${name})
  # A header with a .cc of its name is compiled alone there, as its first line (hack/check_layers.py);
  # the others are compiled alone by all_verify_interface_header_sets.
  set(alone ${ARG_HEADERS})
  set(own_sources ${ARG_SOURCES})
  list(TRANSFORM own_sources REPLACE "[.]cc$" ".h")
  list(REMOVE_ITEM alone ${own_sources})
  set(with_source ${ARG_HEADERS})
  list(REMOVE_ITEM with_source ${alone})
  target_sources(milink_${name}
    ${scope} FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${with_source}
    ${scope} FILE_SET alone TYPE HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${alone})
  if(alone)
    set_target_properties(milink_${name} PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY alone)
  else()
    set_target_properties(milink_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
  endif()
  target_link_libraries(milink_${name} ${scope} ${ARG_PUBLIC})
  if(ARG_PRIVATE)
    target_link_libraries(milink_${name} PRIVATE ${ARG_PRIVATE})
  endif()
endfunction()

# milink_fast(<name>): a library of the path that every object of a list takes.
function(milink_fast name)
  target_compile_options(milink_${name} PRIVATE $<$<CONFIG:Release>:-O2>)
endfunction()

# milink_program(<name> SOURCES .. LINK ..)
function(milink_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  milink_warnings(${name})
endfunction()

# milink_test(<name> LABEL unit|integration|e2e SOURCES .. LINK .. [ENVIRONMENT ..] [TIMEOUT s] [WHOLE])
# One GoogleTest program; each of its cases is one ctest case with the label. WHOLE: the program is one
# ctest case, for programs whose cases share something that takes seconds to start.
function(milink_test name)
  cmake_parse_arguments(ARG "WHOLE" "LABEL;TIMEOUT" "SOURCES;LINK;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock_main)
  milink_warnings(${name})
  if(MILINK_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON)
    target_compile_options(${name} PRIVATE -Wno-shadow)  # names of a neighbour are no shadow
  endif()
  add_dependencies(tests_${ARG_LABEL} ${name})
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENVIRONMENT}")
    return()
  endif()
  if(MILINK_SANITIZER)
    set(shards 4)
    math(EXPR last "${shards} - 1")
    foreach(shard RANGE ${last})
      add_test(NAME ${name}_${shard} COMMAND ${name})
      set(environment ${ARG_ENVIRONMENT} GTEST_TOTAL_SHARDS=${shards} GTEST_SHARD_INDEX=${shard})
      set_tests_properties(${name}_${shard} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 900 ENVIRONMENT "${environment}")
    endforeach()
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
