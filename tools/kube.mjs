// Starts a real Kubernetes control plane with a fake kubelet on loopback and keeps it until Ctrl-C.
// usage: npm run kube [-- --exit]   (with --exit: only builds what is missing and shows that it serves)
const { FakeKubelet, startKubernetes } = await import('../libs/testkit/dist/src/index.js');

const kubernetes = await startKubernetes();
const kubelet = new FakeKubelet(kubernetes.kubeconfig);
console.log(`serving ${kubernetes.server}`);
console.log(`export KUBECONFIG=${kubernetes.kubeconfig}`);
if (!process.argv.includes('--exit')) {
  console.log('Ctrl-C ends it and removes its data.');
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, resolve);
  });
}
await kubelet.stop();
await kubernetes.stop();
