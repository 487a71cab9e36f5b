class KubectlBlueprint < Formula
  desc "Deploy AI workloads and their secrets to Kubernetes"
  homepage "https://github.com/kubectl-blueprint/kubectl-blueprint"
  version "{{.Version}}"
  license "Apache-2.0"
{{range $system, $downloads := .Systems}}
  on_{{$system}} do
{{- range $downloads}}
    on_{{.CPU}} do
      url "{{.URL}}"
      sha256 "{{.Sum}}"
    end
{{- end}}
  end
{{end}}
  def install
    bin.install "kubectl-blueprint", "kubectl_complete-blueprint"
    man1.install Dir["man/*.1"]
    prefix.install "LICENSE", "THIRD_PARTY_NOTICES"
  end

  test do
    assert_match "kubectl blueprint v#{version}", shell_output("#{bin}/kubectl-blueprint version")
  end
end
