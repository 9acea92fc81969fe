# Writes MAN, the manual page of CALLSLIP: what its --help says, so that the two agree.
# cmake -DCALLSLIP=BINARY -DMAN=FILE.1 -P man_page.cmake
function(run result)
  execute_process(COMMAND ${CALLSLIP} ${ARGN} OUTPUT_VARIABLE text RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${CALLSLIP} ${ARGN}: ${failed}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# As it stands, for troff.
function(verbatim result text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
  set(${result} ".nf\n${text}.fi\n" PARENT_SCOPE)
endfunction()

run(version --version)
string(STRIP "${version}" version)
run(overview --help)
string(REGEX MATCHALL "\n  callslip [a-z]+" commands "${overview}")
verbatim(overview_text "${overview}")
set(page ".TH CALLSLIP 1 \"\" \"${version}\" \"User Commands\"
.SH NAME
callslip \\- search and chunk\\-by\\-chunk reading of documents, as tools for language models
.SH SYNOPSIS
.B callslip
.I COMMAND
[OPTION]...
.SH DESCRIPTION
${overview_text}")
foreach(command IN LISTS commands)
  string(REGEX REPLACE ".* " "" command "${command}")
  run(help ${command} --help)
  verbatim(help_text "${help}")
  string(TOUPPER ${command} title)
  string(APPEND page ".SH ${title}\n${help_text}")
endforeach()
string(APPEND page ".SH FILES
.TP
.I /etc/callslip/callslip.conf
what the service serves
.TP
.I ~/.local/share/callslip
indexes, where no \\-\\-index is given
.SH SEE ALSO
.I /usr/share/doc/callslip/README.md
")
file(WRITE ${MAN} "${page}")
