// Office math (OMML, ECMA-376 part 1, 22.1) as linear text: "a^2+b^2", "(x+1)/y", "√(n)".
//
// A pure function: any thread may call it.
#pragma once

#include <pugixml.hpp>
#include <string>

namespace callslip {

/// The formula in a node m:oMath or m:oMathPara. The tree is at most 512 deep (XmlTree).
std::string linear_math(pugi::xml_node math);

}  // namespace callslip
