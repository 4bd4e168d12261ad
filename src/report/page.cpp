#include "report/page.hpp"

#include "core/error.hpp"
#include "report/escape.hpp"
#include "report/palette.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lair::report {

namespace {

constexpr std::string_view page_css = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--grid)}
p,dd{overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;background:var(--paper);padding:.5rem}
.verdict{font-size:1.1rem;border-left:4px solid var(--accent);background:var(--panel);padding:.7rem 1rem;margin:1rem 0}
.warning{border-left:4px solid var(--alarm);background:var(--panel);padding:.3rem 1rem;margin:1rem 0}
.warning strong{color:var(--alarm)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.2rem 1rem;margin:1rem 0}
dt{color:var(--muted)}dd{margin:0}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.4rem 0}
caption{text-align:left;color:var(--muted);padding:.2rem 0 .5rem;position:sticky;left:0;max-width:min(70rem,calc(100vw - 2rem))}
th,td{text-align:left;vertical-align:top;padding:.25rem .7rem;border-bottom:1px solid var(--grid)}
th{font-weight:600}tbody th{font-weight:500}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.long{min-width:15rem}
tbody th,thead th:first-child{position:sticky;left:0;background:var(--paper);max-width:14rem;overflow-wrap:break-word}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:1.2rem}
figure{margin:0;padding:.6rem;border:1px solid var(--grid);border-radius:6px;min-width:0}
figure svg{display:block;width:100%;height:auto;min-width:25rem;max-width:44rem;margin:0 auto}
figcaption{font-size:.9rem;color:var(--muted);padding-top:.4rem}
.save{font-size:.85rem;margin:.3rem 0;display:flex;gap:1rem;align-items:center}
button{font:inherit;color:var(--accent);background:none;border:0;padding:0;text-decoration:underline;cursor:pointer}
details{margin:.8rem 0}summary{cursor:pointer;color:var(--accent)}
footer{margin-top:3rem;border-top:1px solid var(--grid);padding:.6rem 0;color:var(--muted);font-size:.85rem}
@media (max-width:40rem){main{padding:.6rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}figure{padding:.3rem}figure svg{min-width:20rem}}
@media print{.save,nav,.skip{display:none}figure{break-inside:avoid}}
)css";

/// Draws the figure's file, as it looks now, on a canvas of three times its size.
constexpr std::string_view page_script = R"js(
document.querySelectorAll('button[data-png]').forEach(function(button){
  button.hidden=false;
  button.addEventListener('click',function(){
    var figure=button.closest('figure'),svg=figure.querySelector('svg').cloneNode(true);
    var box=svg.viewBox.baseVal,style=document.createElementNS('http://www.w3.org/2000/svg','style');
    style.textContent=document.getElementById('figure-style').textContent;
    var dark=window.matchMedia('(prefers-color-scheme:dark)').matches;
    var vars=getComputedStyle(document.documentElement),own='';
    ['paper','panel','ink','muted','grid','accent','alarm','c0','c1','c2','c3','c4','c5','c6','c7'].forEach(
      function(n){own+='--'+n+':'+vars.getPropertyValue('--'+n)+';';});
    style.textContent+=':root,svg{'+own+'}';
    svg.insertBefore(style,svg.firstChild);
    svg.setAttribute('width',box.width);svg.setAttribute('height',box.height);
    var image=new Image();
    image.onload=function(){
      var canvas=document.createElement('canvas');
      canvas.width=3*box.width;canvas.height=3*box.height;
      var context=canvas.getContext('2d');
      context.fillStyle=dark?'#14181d':'#ffffff';
      context.fillRect(0,0,canvas.width,canvas.height);
      context.drawImage(image,0,0,canvas.width,canvas.height);
      var link=document.createElement('a');
      link.download=button.dataset.png;link.href=canvas.toDataURL('image/png');link.click();
    };
    image.src='data:image/svg+xml;charset=utf-8,'+encodeURIComponent(new XMLSerializer().serializeToString(svg));
  });
});
)js";

std::string figure_html(const Figure& figure) {
  const std::string name = slug(figure.id);
  return fmt::format(
      "<figure id=\"figure-{0}\">\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{1}\">{2}</div>\n<figcaption>{3}</figcaption>\n<p class=\"save\">"
      "<a download=\"{0}.svg\" href=\"{4}\" aria-label=\"{1}: SVG\">SVG</a>"
      "<button type=\"button\" hidden data-png=\"{0}.png\" aria-label=\"{1}: PNG\">PNG</button>"
      "<a download=\"{0}.csv\" href=\"{5}\" aria-label=\"{1}: data\">data (CSV)</a></p>\n</figure>\n",
      name, xml_text(figure.title), figure.svg, xml_text(figure.description),
      data_uri("image/svg+xml", standalone_svg(figure)),
      data_uri("text/csv;charset=utf-8", figure.csv));
}

/// Figures that follow one another stand side by side where there is room.
std::string blocks_html(const std::vector<Block>& blocks) {
  std::string out;
  bool side_by_side = false;
  for (const Block& block : blocks) {
    const auto* figure = std::get_if<Figure>(&block);
    if (side_by_side != (figure != nullptr)) out += side_by_side ? "</div>\n" : "<div class=\"figures\">\n";
    side_by_side = figure != nullptr;
    if (figure) out += figure_html(*figure);
    else if (const auto* table = std::get_if<Table>(&block)) out += table_html(*table);
    else if (const auto* html = std::get_if<Html>(&block)) out += html->markup;
    else out += "<p>" + xml_text(std::get<Paragraph>(block).text) + "</p>\n";
  }
  return out + (side_by_side ? "</div>\n" : "");
}

std::string head_html(const Page& page) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"lair report\">\n"
      // Nothing is fetched, whatever a name in the results holds.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: blob:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n"
      "<style>\n{}{}</style>\n<style id=\"figure-style\">\n{}</style>\n</head>\n",
      xml_text(page.title), palette_css(), page_css, figure_css());
}

std::string opening_html(const Page& page) {
  std::string out = fmt::format("<h1>{}</h1>\n", xml_text(page.title));
  if (!page.warnings.empty()) {
    out += "<div class=\"warning\" role=\"note\"><p><strong>Not everything is here:</strong></p>\n<ul>\n";
    for (const auto& warning : page.warnings) out += "<li>" + xml_text(warning) + "</li>\n";
    out += "</ul></div>\n";
  }
  if (!page.verdict.empty())
    out += fmt::format("<p class=\"verdict\">{}</p>\n", xml_text(page.verdict));
  out += "<dl>\n";
  for (const auto& [name, value] : page.facts)
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", xml_text(name), xml_text(value));
  out += "</dl>\n<nav aria-label=\"Sections\"><ul>\n";
  for (const auto& section : page.sections)
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", slug(section.id), xml_text(section.heading));
  return out + "</ul></nav>\n";
}

template <class Wanted> std::vector<const Wanted*> all_of_kind(const Page& page) {
  std::vector<const Wanted*> all;
  for (const auto& section : page.sections)
    for (const auto& block : section.blocks)
      if (const auto* one = std::get_if<Wanted>(&block)) all.push_back(one);
  return all;
}

} // namespace

std::string page_html(const Page& page) {
  std::string out = head_html(page) + "<body>\n<a class=\"skip\" href=\"#content\">To the content</a>\n"
                                      "<main id=\"content\">\n" +
                    opening_html(page);
  for (const auto& section : page.sections)
    out += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">"
                       "{1}</h2>\n{2}</section>\n",
                       slug(section.id), xml_text(section.heading), blocks_html(section.blocks));
  out += "<footer>Made by <code>lair report</code>. The page is one file and loads nothing. Brackets and "
         "whiskers are 95 % intervals.</footer>\n</main>\n";
  return out + "<script>" + std::string(page_script) + "</script>\n</body>\n</html>\n";
}

std::vector<const Figure*> figures(const Page& page) { return all_of_kind<Figure>(page); }
std::vector<const Table*> tables(const Page& page) { return all_of_kind<Table>(page); }

std::string page_tables(const Page& page, TableFormat format, const std::string& id) {
  std::string out;
  std::vector<std::string> ids;
  for (const Table* table : tables(page)) {
    ids.push_back(table->id);
    if (!id.empty() && id != table->id) continue;
    if (!out.empty()) out += "\n";
    switch (format) {
    case TableFormat::markdown: out += table_markdown(*table); break;
    case TableFormat::latex: out += table_latex(*table); break;
    case TableFormat::csv: out += table_csv(*table); break;
    }
  }
  if (out.empty() && !id.empty())
    throw InputError("--table", "", fmt::format("there is no table '{}'", plain_text(id)),
                     fmt::format("one of {}", fmt::join(ids, ", ")));
  return out;
}

} // namespace lair::report
